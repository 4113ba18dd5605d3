"""What the discovery script finds in a pod: the GPUs that Spark gives to an executor's tasks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof import evidence, timeouts
from sparkproof.errors import CheckFailed
from sparkproof.evidence import Level
from sparkproof.kube import Kube
from sparkproof.release import Release

_SCRIPT = "/opt/sparkproof/gpu-discovery.sh"


@dataclass(frozen=True)
class Finding:
    """What the script told in one pod: the GPUs' addresses, for Spark, and its words, for people."""

    addresses: Sequence[str]
    words: str

    @classmethod
    def of(cls, kube: Kube, namespace: str, pod: str) -> "Finding":
        """Run the script in a pod."""
        script = kube.exec(pod, namespace, [_SCRIPT])
        printed = script.finish(timeouts.TOOL)
        return cls(json.loads(printed)["addresses"] if printed.strip() else [], script.errors().strip())


@dataclass(frozen=True)
class Discovery:
    """What the script told, by pod."""

    findings: Mapping[str, Finding]

    @classmethod
    def on_executors(cls, release: Release) -> "Discovery":
        """Ask in each executor of a platform, of which there is one at least."""
        release.an_executor()
        return cls._in(release, [pod["metadata"]["name"] for pod in release.executors])

    @classmethod
    def on_submitter(cls, release: Release) -> "Discovery":
        """Ask in the pod that applications are submitted from, which asks Kubernetes for no GPU."""
        return cls._in(release, [release.submitter])

    @classmethod
    def _in(cls, release: Release, pods: Sequence[str]) -> "Discovery":
        return cls({pod: Finding.of(release.target.kube, release.team.namespace, pod) for pod in pods})

    def must_have_found(self, vendor: str, count: int) -> None:
        """Check that each pod has this many GPUs of this vendor ("NVIDIA")."""
        for pod, found in self.findings.items():
            if len(found.addresses) != count or vendor not in found.words:
                raise CheckFailed(f"In {pod} the script found {list(found.addresses)} and said: {found.words}")
        evidence.prove(Level.EXECUTED, f"Each of {', '.join(self.findings)} has {count} {vendor} GPU", found=self._told)

    def must_have_found_none(self, reason: str) -> None:
        """Check that no pod has a GPU and that the script says why."""
        for pod, found in self.findings.items():
            if found.addresses or reason not in found.words:
                raise CheckFailed(f"In {pod} the script found {list(found.addresses)} and said: {found.words}")
        evidence.prove(Level.EXECUTED, f"{', '.join(self.findings)} has no GPU: {reason}", found=self._told)

    @property
    def _told(self) -> Mapping[str, str]:
        return {pod: found.words for pod, found in self.findings.items()}
