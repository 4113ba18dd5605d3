"""The eviction of a platform's pod, as a drain of its node or an autoscaler of nodes asks for it."""

from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.errors import Refused
from sparkproof.spark.workloads import Workloads

# The API server's answer while a budget does not allow an eviction:
# https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
_NOT_NOW = 429


@dataclass(frozen=True)
class Eviction(evidence.Brought):
    """A pod that was to be evicted, by its name; `refusal` has the words of the refusal, "" for one that took place."""

    pod: str
    refusal: str = ""

    @property
    def trouble(self) -> str | None:
        """The refusal, in one sentence."""
        return f"The eviction of {self.pod} was refused: {self.refusal}" if self.refusal else None

    @classmethod
    def of(cls, workloads: Workloads, component: str) -> "Eviction":
        """Ask for the eviction of a component's pod; unless a budget refuses it, wait until the next pod is ready.

        Raises Refused for any other refusal, GaveUp.
        """
        ended = workloads.pod(component)
        name = str(ended["metadata"]["name"])
        try:
            workloads.evict(name)
        except Refused as refused:
            if refused.code != _NOT_NOW:
                raise
            return cls(name, refused.message)
        workloads.await_next(component, ended)
        return cls(name)

    def must_be_refused_by(self, budget: str) -> None:
        """Check that the budget of this name allowed no eviction, and that it knew of the pod."""
        evidence.look_at(self)
        if not self.refusal:
            raise CheckFailed(f"{self.pod} was evicted, and the disruption budget {budget} did not keep it.")
        if f"budget {budget} needs" not in self.refusal:
            raise CheckFailed(f"{self.pod} was kept, but not by the disruption budget {budget}: {self.refusal}")
        evidence.prove(Level.EXECUTED, f"{self.pod} was kept on its node: {self.refusal}")

    def must_have_taken_place(self) -> None:
        """Check that the pod was evicted, and that another is in its place."""
        evidence.look_at(self)
        if self.refusal:
            raise CheckFailed(f"{self.pod} was not evicted: {self.refusal}")
        evidence.prove(Level.EXECUTED, f"{self.pod} was evicted, and another one is ready")
