"""Applications at work: their drivers are killed, and executors that stay, or never were, are seen."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import POD, Manifest
from sparkproof.spark import at_work
from sparkproof.spark.application import Application
from sparkproof.spark.at_work import ApplicationAtWork, DriverLoss
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

pytestmark = pytest.mark.usefixtures("one_look")
NAME = "patient-sum-1"


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Application, "new_name", lambda _: NAME)


def of_the_application(name: str, role: str, phase: str = "Running", application: str = NAME) -> Manifest:
    return pod(name, role, phase=phase, labels={"spark-role": role, "spark-app-name": application})


DRIVER = of_the_application("driver-1", "driver")
EXECUTORS = [of_the_application("exec-1", "executor"), of_the_application("exec-2", "executor", "Pending")]

FULL = Cause(Reason.QUOTA, "exceeded quota: team")


class Submission(RecordedStreams):
    """A submission that is asked for its end again and again, and never for long."""

    def wait(self, timeout_s: float) -> int | None:
        assert timeout_s == timeouts.POLL
        return super().wait(timeout_s)


class Submitter:
    """A platform with a submitting pod; a program that is to kill others there finds those that are `killed`."""

    def __init__(
        self,
        *pods: Manifest,
        killed: Sequence[str] = ("java",),
        owned: bool = True,
        exit_code: int | None = None,
    ) -> None:
        self.submissions = list[Sequence[str]]()
        self._killed, self._exit_code = killed, exit_code
        self.asked_to_kill = list[Sequence[str]]()
        self.kube = RecordedKube(pod("spark-submit-0", "submit"), *pods, programs=self._start)
        self.platform = RecordedPlatform(self.kube, causes=[FULL])

        def collect(_: str, name: str) -> None:
            if owned and name == "driver-1":
                for each in ("exec-1", "exec-2"):
                    self.kube.objects.pop(("Pod", "team", each), None)

        self.kube.on_delete = collect

    def _start(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        assert name == "spark-submit-0"
        if argv[0] == "python3":
            self.asked_to_kill.append(argv[3:])
            return RecordedStreams(*self._killed, exit_code=0)
        self.submissions.append(argv)
        return Submission(exit_code=self._exit_code)

    def begin(self, mode: str) -> ApplicationAtWork:
        return ApplicationAtWork.begin(self.platform, "patient sum", mode, "lake.s.sums")

    def kill(self, mode: str) -> DriverLoss:
        return self.begin(mode).kill_driver()


@pytest.mark.parametrize(
    ("mode", "pods"),
    [
        ("cluster", [DRIVER]),
        ("cluster", EXECUTORS),
        ("cluster", [DRIVER, EXECUTORS[1]]),
        ("client", []),
        ("client", [of_the_application("exec-9", "executor", application="another")]),
    ],
    ids=["no executor", "no driver", "no executor runs", "nothing", "another's"],
)
def test_one_whose_driver_or_executors_do_not_run_has_not_begun(mode: str, pods: list[Manifest]) -> None:
    with pytest.raises(GaveUp, match=f"the driver and an executor of {NAME}"):
        Submitter(*pods).begin(mode)


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_driver_that_has_ended_is_not_awaited(phase: str) -> None:
    with pytest.raises(GaveUp, match=r"cannot come any more, since its driver driver-1 has ended.*exceeded quota"):
        Submitter(of_the_application("driver-1", "driver", phase), EXECUTORS[0]).begin("cluster")


def test_an_executor_that_has_ended_may_be_followed_by_another() -> None:
    gone = of_the_application("exec-0", "executor", "Failed")
    assert Submitter(DRIVER, gone, EXECUTORS[0]).begin("cluster").executors == ["exec-1"]


@pytest.mark.parametrize(("mode", "pods"), [("cluster", [DRIVER, *EXECUTORS]), ("client", EXECUTORS)])
def test_one_has_begun_when_its_driver_and_an_executor_run(mode: str, pods: list[Manifest]) -> None:
    submitter = Submitter(*pods)
    begun = submitter.begin(mode)
    assert begun.executors == ["exec-1", "exec-2"]
    (argv,) = submitter.submissions
    assert argv[1:5] == ["--deploy-mode", mode, "--name", NAME]
    assert argv[-2:] == ["lake.s.sums", "120"]


def test_a_driver_in_a_pod_is_killed_and_its_executors_go(record: Record) -> None:
    submitter = Submitter(DRIVER, *EXECUTORS)
    loss = submitter.kill("cluster")
    assert submitter.kube.deleted == [("Pod", "driver-1", 0)]
    loss.must_leave_no_executors(0.0)
    assert record.level is Level.EXECUTED
    assert re.fullmatch(rf"exec-1, exec-2 ended \d{{1,3}}\.\d s after the driver of {NAME}", record.proofs[0].seen)


def test_executors_that_stay_are_seen(record: Record) -> None:
    loss = Submitter(DRIVER, *EXECUTORS, owned=False).kill("cluster")
    with pytest.raises(
        GaveUp, match=rf"the end of all executors of {NAME} after .*: {FULL.sentence}\n.*\['exec-1', 'exec-2'\]"
    ):
        loss.must_leave_no_executors(0.0)
    assert not record.proofs


def test_a_driver_that_is_a_program_is_killed_and_executors_that_have_ended_are_not_left(record: Record) -> None:
    submitter = Submitter(*EXECUTORS)
    loss = submitter.kill("client")
    assert not submitter.kube.deleted
    assert submitter.asked_to_kill == [[NAME, "java"]]
    for name in loss.executors:
        submitter.kube.objects["Pod", "team", name]["status"]["phase"] = "Failed"
    loss.must_leave_no_executors(0.0)
    assert record.proofs


def test_a_driver_that_had_no_executors_is_no_proof(record: Record) -> None:
    submitter = Submitter(*EXECUTORS)
    begun = submitter.begin("client")
    for name in begun.executors:
        submitter.kube.objects["Pod", "team", name]["status"]["phase"] = "Failed"
    with pytest.raises(CheckFailed, match=f"{NAME} had no executors when its driver was killed"):
        begun.kill_driver().must_leave_no_executors(0.0)
    assert not record.proofs


def test_a_submission_whose_driver_is_killed_says_so(record: Record) -> None:
    Submitter(DRIVER, *EXECUTORS, exit_code=1).kill("cluster").must_fail_the_submission()
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == f"The submission of {NAME} ended with 1 after its driver was killed"


@pytest.mark.parametrize(
    ("exit_code", "error", "words"),
    [
        (0, CheckFailed, f"{NAME} was killed, and its submission ended with 0, as if it had succeeded"),
        (None, GaveUp, f"the end of the submission of {NAME} after its driver was killed .*: {FULL.sentence}"),
    ],
    ids=["success", "no end"],
)
def test_a_submission_that_says_nothing_of_its_drivers_end_is_seen(
    exit_code: int | None, error: type[Exception], words: str, record: Record
) -> None:
    with pytest.raises(error, match=words):
        Submitter(DRIVER, *EXECUTORS, exit_code=exit_code).kill("cluster").must_fail_the_submission()
    assert not record.proofs


@pytest.mark.parametrize("mode", ["cluster", "client"])
def test_a_driver_that_has_ended_before_is_seen(mode: str) -> None:
    submitter = Submitter(DRIVER, *EXECUTORS, killed=())
    begun = submitter.begin(mode)
    submitter.kube.objects["Pod", "team", "driver-1"]["status"]["phase"] = "Succeeded"
    with pytest.raises(CheckFailed, match=f"{NAME} has no driver that could be killed"):
        begun.kill_driver()


def test_nothing_of_it_is_left_at_the_end() -> None:
    submitter = Submitter(DRIVER, *EXECUTORS, owned=False)
    begun = submitter.begin("cluster")
    begun.end()
    assert submitter.asked_to_kill == [[NAME]]
    assert submitter.kube.names("Pod") == ["spark-submit-0"]
    assert not begun.submission.open
    submitter.kube.delete(POD, "spark-submit-0", "team")
    begun.end()


@pytest.mark.parametrize("program", [[], [Path(sys.executable).name]], ids=["all", "of a program"])
def test_the_programs_of_a_name_are_killed_and_no_others(program: list[str]) -> None:
    waits = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    own, other = (subprocess.Popen([*waits, name], stdout=subprocess.PIPE) for name in (NAME, f"{NAME}0"))
    with own, other:
        for each in (own, other):
            assert each.stdout
            each.stdout.readline()
        kill = [sys.executable, "-c", at_work._KILL, NAME]
        of_another = subprocess.run([*kill, "java"], capture_output=True, text=True, check=True, timeout=60)
        assert not of_another.stdout
        killed = subprocess.run([*kill, *program], capture_output=True, text=True, check=True, timeout=60)
        assert killed.stdout.split() == [sys.executable]
        assert own.wait(60) == -9
        assert other.poll() is None
        other.kill()
