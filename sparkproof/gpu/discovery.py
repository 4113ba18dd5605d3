"""The GPUs that the discovery script finds in a pod, which Spark assigns to an executor's tasks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.places import Place
from sparkproof.spark import executors
from sparkproof.spark.platform import Platform


@dataclass(frozen=True)
class Finding:
    """The script's result in one pod: the GPUs' addresses for Spark, and its message for people."""

    addresses: Sequence[str]
    message: str

    @classmethod
    def of(cls, place: Place, program: str) -> "Finding":
        """Run the script `program` at a place."""
        script = place.exec([program])
        printed = script.finish(timeouts.TOOL)
        return cls(json.loads(printed)["addresses"] if printed.strip() else [], script.errors().strip())


@dataclass(frozen=True)
class Discovery(evidence.Brought):
    """The script's results by pod."""

    findings: Mapping[str, Finding]

    @classmethod
    def on_executors(cls, platform: Platform) -> "Discovery":
        """Run the script in each executor of a platform; wait for the first executor."""
        executors.ensure_one(platform)
        return cls._at(platform.executor_places, platform.discovery_script)

    @classmethod
    def on_submitter(cls, platform: Platform) -> "Discovery":
        """Run the script in the pod that submits applications, which requests no GPU."""
        return cls._at([platform.workloads.place("submit")], platform.discovery_script)

    @classmethod
    def _at(cls, places: Sequence[Place], program: str) -> "Discovery":
        return cls({place.name: Finding.of(place, program) for place in places})

    @property
    def to_read(self) -> str | None:
        """The script's messages by pod."""
        return f"The discovery script says {dict(self._messages)}" if self.findings else None

    def must_have_found(self, vendor: str, count: int) -> None:
        """Check that each pod has this number of GPUs of this vendor ("NVIDIA")."""
        self._must_have_asked()
        for pod, found in self.findings.items():
            if len(found.addresses) != count or vendor not in found.message:
                raise CheckFailed(f"In {pod} the script found {list(found.addresses)}; its message: {found.message}")
        evidence.prove(
            Level.EXECUTED, f"Each of {', '.join(self.findings)} has {count} {vendor} GPU", found=self._messages
        )

    def must_have_found_none(self, reason: str) -> None:
        """Check that no pod has a GPU and that the script's message has the reason."""
        self._must_have_asked()
        for pod, found in self.findings.items():
            if found.addresses or reason not in found.message:
                raise CheckFailed(f"In {pod} the script found {list(found.addresses)}; its message: {found.message}")
        evidence.prove(Level.EXECUTED, f"{', '.join(self.findings)} has no GPU: {reason}", found=self._messages)

    def _must_have_asked(self) -> None:
        evidence.look_at(self)
        if not self.findings:
            raise CheckFailed("There was no pod in which the script could be asked.")

    @property
    def _messages(self) -> Mapping[str, str]:
        return {pod: found.message for pod, found in self.findings.items()}
