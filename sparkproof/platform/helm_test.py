"""A chart's own tests, as its operator runs them with helm, and how each ended."""

from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import CommandFailed
from sparkproof.platform.release import Release


@dataclass(frozen=True)
class HelmTest:
    """How the tests of a release ended: the phase and the log of each test's pod that was started, by name."""

    said: str
    phases: Mapping[str, str]
    logs: Mapping[str, str]

    @classmethod
    def run(cls, release: Release) -> "HelmTest":
        """Run the tests of a release as its operator does, to the end or to the first that fails."""
        workloads = release.workloads
        try:
            release.target.helm.test(workloads.release, workloads.namespace)
            said = ""
        except CommandFailed as failed:
            said = str(failed)
        pods = workloads.pods_of("test")
        names = [pod["metadata"]["name"] for pod in pods]
        phases = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in pods}
        return cls(said, phases, {name: workloads.kube.logs(name, workloads.namespace) for name in names})

    def must_have_passed(self) -> None:
        """Check that there were tests, and that all of them succeeded."""
        failed = [name for name, phase in self.phases.items() if phase != "Succeeded"]
        if self.said or failed or not self.phases:
            told = "; ".join(f"{name} says: {self.logs[name].strip()[-500:]}" for name in failed)
            raise CheckFailed(f"The chart's tests did not pass: {told or self.said or 'there are none'}")
        evidence.prove(Level.EXECUTED, f"{len(self.phases)} tests of the chart passed", tests=self.logs)

    def must_have_failed(self, test: str) -> None:
        """Check that the test whose name ends with this ("connect-denied") failed."""
        failed = [name for name, phase in self.phases.items() if phase == "Failed"]
        if not self.said or [name for name in failed if not name.endswith(test)] or not failed:
            raise CheckFailed(f"Not just the test {test} failed: {failed or self.phases}.")
        evidence.prove(Level.EXECUTED, f"{failed[0]} failed: {self.logs[failed[0]].strip()[-300:]}")
