"""A submitted application that is at work, the end of its driver without notice, and the executors that it leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.labels import SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import POD, Manifest, has_ended
from sparkproof.kube.places import run_to_end
from sparkproof.kube.streams import Channel
from sparkproof.spark.application import Application, command
from sparkproof.spark.platform import Platform

# The seconds that each number of the "patient sum" takes: it does not end by itself while the end of it is awaited.
_LONG_S = "120"
# The program that is a driver in client mode.
_JVM = "java"
# Kills the programs that have a word as one of their arguments, without notice, and prints each on a line. Given the
# end of a program's name as well, it kills only programs of this name.
_KILL = """
import os, pathlib, signal, sys
for each in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        words = (each / "cmdline").read_text().split("\\0")
        if sys.argv[1] in words and words[0].endswith("".join(sys.argv[2:])) and int(each.name) != os.getpid():
            os.kill(int(each.name), signal.SIGKILL)
            print(words[0])
    except OSError:
        continue
"""


@dataclass(frozen=True)
class ApplicationAtWork:
    """An application that was submitted in "client" or "cluster" mode and works; `name` is that of its submission."""

    platform: Platform
    name: str
    mode: str
    submission: Channel

    @classmethod
    def begin(cls, platform: Platform, example: str, mode: str, table: str) -> "ApplicationAtWork":
        """Submit the example and return it as soon as its driver and an executor run; raises GaveUp."""
        name = Application.new_name(example)
        argv = command(platform.workloads, example, mode, name, table)
        submission = platform.workloads.place("submit").exec([*argv, _LONG_S])
        begun = cls(platform, name, mode, submission)
        eventually(
            f"the driver and an executor of {name}",
            lambda: [pod for role in begun._roles for pod in begun._pods(role)],
            lambda pods: {pod["metadata"]["labels"][SPARK_ROLE] for pod in pods if _runs(pod)} == set(begun._roles),
            within_s=timeouts.APPLICATION,
            unrecoverable=_ended_early,
            on=On.PODS,
            explain=platform.why,
            show=lambda pods: {pod["metadata"]["name"]: pod["status"].get("phase") for pod in pods} or "no pod",
        )
        return begun

    @property
    def executors(self) -> list[str]:
        """The names of its executors that exist now and have not ended."""
        return [pod["metadata"]["name"] for pod in self._pods("executor") if not has_ended(pod)]

    @property
    def drivers(self) -> list[str]:
        """The names of its drivers' pods that have not ended: none in client mode."""
        return [pod["metadata"]["name"] for pod in self._pods("driver") if not has_ended(pod)]

    def kill_driver(self) -> "DriverLoss":
        """Kill its driver without notice: its pod, or in client mode the JVM in the submitting pod.

        What submitted it goes on, so that it can say how the application ended.
        """
        executors = self.executors
        killed = self._kill_pod() if self.mode == "cluster" else self._kill_programs(_JVM)
        if not killed:
            raise CheckFailed(f"{self.name} has no driver that could be killed: it has ended before.")
        return DriverLoss(self, executors, clock.now())

    def end(self) -> None:
        """Leave nothing of it: its programs in the submitting pod are killed, and its pods are removed."""
        if self.platform.workloads.pods_of("submit"):
            self._kill_programs()
        for role in ("driver", "executor"):
            for pod in self._pods(role):
                self.platform.workloads.end(pod["metadata"]["name"], killed=True)
        self.submission.close()

    @property
    def _roles(self) -> Sequence[str]:
        """The roles for which it has pods: in client mode its driver is a program of the submitting pod."""
        return ("driver", "executor") if self.mode == "cluster" else ("executor",)

    def _pods(self, role: str) -> list[Manifest]:
        workloads = self.platform.workloads
        return workloads.kube.list(
            POD, workloads.namespace, labels=f"{SPARK_ROLE}={role},{SPARK_APPLICATION}={self.name}"
        )

    def _kill_pod(self) -> list[str]:
        names = self.drivers
        for name in names:
            self.platform.workloads.end(name, killed=True)
        return names

    def _kill_programs(self, *name: str) -> list[str]:
        """Kill its programs in the submitting pod, or those whose program's name ends like this."""
        place = self.platform.workloads.place("submit")
        asked = f"the end of the programs of {self.name}"
        _, killed = run_to_end(place, ["python3", "-c", _KILL, self.name, *name], asked, timeouts.SQL)
        return killed.split()


@dataclass(frozen=True)
class DriverLoss:
    """The loss of an application's driver at a moment, in seconds since the epoch, and its executors at that time."""

    application: ApplicationAtWork
    executors: Sequence[str]
    at: float

    def must_leave_no_executors(self, within_s: float) -> None:
        """Wait until no executor of the application is left; raises CheckFailed when there was none, and GaveUp."""
        name = self.application.name
        if not self.executors:
            raise CheckFailed(f"{name} had no executors when its driver was killed, so none could be left.")
        eventually(
            f"the end of all executors of {name} after its driver was killed",
            lambda: self.application.executors,
            lambda left: not left,
            within_s=within_s,
            on=On.PODS,
            explain=self.application.platform.why,
        )
        took_s = clock.now() - self.at
        evidence.prove(Level.EXECUTED, f"{', '.join(self.executors)} ended {took_s:.1f} s after the driver of {name}")

    def must_fail_the_submission(self) -> None:
        """Wait until the submission ends, and check that its exit code does not say that the application succeeded."""
        name = self.application.name
        exit_code = eventually(
            f"the end of the submission of {name} after its driver was killed",
            lambda: self.application.submission.wait(timeouts.POLL),
            lambda code: code is not None,
            within_s=timeouts.SUBMISSION_ENDED,
            on=On.SPARK,
            explain=self.application.platform.why,
        )
        if exit_code == 0:
            raise CheckFailed(
                f"The driver of {name} was killed, and its submission ended with 0, as if it had succeeded."
            )
        evidence.prove(Level.EXECUTED, f"The submission of {name} ended with {exit_code} after its driver was killed")


def _runs(pod: Manifest) -> bool:
    return bool(pod["status"].get("phase") == "Running")


def _ended_early(pods: Sequence[Manifest]) -> str | None:
    """Say that the driver has ended, which no other follows; executors that end are replaced."""
    ended = [
        pod["metadata"]["name"] for pod in pods if pod["metadata"]["labels"][SPARK_ROLE] == "driver" and has_ended(pod)
    ]
    return f"since its driver {ended[0]} has ended" if ended else None
