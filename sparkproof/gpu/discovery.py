"""What the discovery script finds in a pod: the GPUs that Spark gives to an executor's tasks."""

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
    """What the script told in one pod: the GPUs' addresses, for Spark, and its words, for people."""

    addresses: Sequence[str]
    words: str

    @classmethod
    def of(cls, place: Place, program: str) -> "Finding":
        """Run the script, which is `program`, at a place."""
        script = place.exec([program])
        printed = script.finish(timeouts.TOOL)
        return cls(json.loads(printed)["addresses"] if printed.strip() else [], script.errors().strip())


@dataclass(frozen=True)
class Discovery:
    """What the script told, by pod."""

    findings: Mapping[str, Finding]

    @classmethod
    def on_executors(cls, platform: Platform) -> "Discovery":
        """Ask in each executor of a platform, of which there is one at least."""
        executors.ensure_one(platform)
        return cls._at(platform.executor_places, platform.discovery_script)

    @classmethod
    def on_submitter(cls, platform: Platform) -> "Discovery":
        """Ask in the pod that applications are submitted from, which asks Kubernetes for no GPU."""
        return cls._at([platform.workloads.place("submit")], platform.discovery_script)

    @classmethod
    def _at(cls, places: Sequence[Place], program: str) -> "Discovery":
        return cls({place.name: Finding.of(place, program) for place in places})

    def must_have_found(self, vendor: str, count: int) -> None:
        """Check that each pod has this many GPUs of this vendor ("NVIDIA")."""
        self._must_have_asked()
        for pod, found in self.findings.items():
            if len(found.addresses) != count or vendor not in found.words:
                raise CheckFailed(f"In {pod} the script found {list(found.addresses)} and said: {found.words}")
        evidence.prove(Level.EXECUTED, f"Each of {', '.join(self.findings)} has {count} {vendor} GPU", found=self._told)

    def must_have_found_none(self, reason: str) -> None:
        """Check that no pod has a GPU and that the script says why."""
        self._must_have_asked()
        for pod, found in self.findings.items():
            if found.addresses or reason not in found.words:
                raise CheckFailed(f"In {pod} the script found {list(found.addresses)} and said: {found.words}")
        evidence.prove(Level.EXECUTED, f"{', '.join(self.findings)} has no GPU: {reason}", found=self._told)

    def _must_have_asked(self) -> None:
        if not self.findings:
            raise CheckFailed("There was no pod in which the script could be asked.")

    @property
    def _told(self) -> Mapping[str, str]:
        return {pod: found.words for pod, found in self.findings.items()}
