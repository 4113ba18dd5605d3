"""A chart's own tests, run with helm as an operator does, and the end of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import CommandFailed
from sparkproof.platform.release import Release

# What helm prints of each test that it has run.
_ENDED = re.compile(r"^TEST SUITE: +(\S+)\n(?:(?!TEST SUITE).*\n)*?Phase: +(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class HelmTest(evidence.Brought):
    """The results of a release's tests: helm's message, and the phases and logs of the tests' pods, by name."""

    message: str
    phases: Mapping[str, str]
    logs: Mapping[str, str]

    @classmethod
    def run(cls, release: Release) -> "HelmTest":
        """Run the tests of a release as an operator does, until the end or the first failure."""
        workloads = release.workloads
        try:
            text, message = release.target.helm.test(workloads.release, workloads.namespace), ""
        except CommandFailed as failed:
            text, message = failed.completed.stdout, str(failed)
        # The pod of a test that passed is gone by then; those of others are there with their words.
        pods = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in workloads.pods_of("test")}
        logs = {name: workloads.kube.logs(name, workloads.namespace) for name in pods}
        return cls(message, {**dict(_ENDED.findall(text)), **pods}, logs)

    def _last_words(self, test: str) -> str:
        return self.logs.get(test, "").strip()

    @property
    def trouble(self) -> str | None:
        """The tests that did not succeed, and helm's message."""
        failed = ", ".join(name for name, phase in self.phases.items() if phase != "Succeeded")
        return f"The chart's tests failed ({failed or 'none is named'}): {self.message}" if self.message else None

    @property
    def to_read(self) -> str | None:
        """The tests that helm ran."""
        return f"The chart has {len(self.phases)} tests that passed"

    def must_have_passed(self) -> None:
        """Check that there were tests, and that all of them succeeded."""
        evidence.look_at(self)
        failed = [name for name, phase in self.phases.items() if phase != "Succeeded"]
        if self.message or failed or not self.phases:
            logs = "; ".join(f"{name} says: {self._last_words(name)[-500:]}" for name in failed)
            raise CheckFailed(f"The chart's tests did not pass: {logs or self.message or 'there are none'}")
        evidence.prove(Level.EXECUTED, f"{len(self.phases)} tests of the chart passed", tests=dict(self.phases))

    def must_have_failed(self, test: str) -> None:
        """Check that the test whose name ends with this ("connect-denied") failed."""
        evidence.look_at(self)
        failed = [name for name, phase in self.phases.items() if phase == "Failed"]
        if not self.message or [name for name in failed if not name.endswith(test)] or not failed:
            raise CheckFailed(f"The test {test} and no other had to fail; failed: {failed or 'none'} of {self.phases}.")
        evidence.prove(Level.EXECUTED, f"{failed[0]} failed: {self._last_words(failed[0])[-300:]}")
