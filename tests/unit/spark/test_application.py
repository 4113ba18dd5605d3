"""Applications: each exit code is its own, and what was written is what a user reads."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import Manifest
from sparkproof.spark.application import Application, counted
from sparkproof.spark.history import APPLICATIONS
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod


def application(exit_code: int) -> Application:
    return Application("word count", "cluster", "lake.s.words", exit_code, "INFO x\nno such file\n")


def test_the_expected_end_is_proved(record: Record) -> None:
    application(0).must_succeed()
    application(3).must_end_with(3)
    assert record.level is Level.EXECUTED
    assert [proof.seen[-1] for proof in record.proofs] == ["0", "3"]


@pytest.mark.parametrize(("ended", "expected"), [(1, 0), (0, 1), (137, 1), (1, 137)])
def test_one_exit_code_is_not_taken_for_another(ended: int, expected: int, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"ended with {ended}, not {expected}: no such file\nINFO x\nno such file"):
        application(ended).must_end_with(expected)
    assert not record.proofs


def test_a_failure_is_no_success(record: Record) -> None:
    with pytest.raises(CheckFailed, match="ended with 1, not 0"):
        application(1).must_succeed()
    assert not record.proofs


def test_what_was_written_is_read_by_a_user(record: Record) -> None:
    rows = counted([{"word": "spark", "times": "2"}])
    application(0).must_have_written(recorded.session(answers={"FROM lake.s.words": [("spark", 2)]}), rows)
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match=r"gave \[\('spark', 3\)\], not \[\('spark', 2\)\]"):
        application(0).must_have_written(recorded.session(("spark", 3)), rows)
    with pytest.raises(CheckFailed, match=r"Spark refused .*no such table"):
        application(0).must_have_written(recorded.session(answers={"": "no such table"}), rows)
    assert len(record.proofs) == 1


def test_two_applications_wrote_the_same_or_did_not(record: Record) -> None:
    other = replace(application(0), table="lake.s.other")
    same = recorded.session(answers={"FROM lake.s.other": [("spark", 2)], "FROM lake.s.words": [("spark", 2)]})
    application(0).must_have_written_the_same(same, other)
    assert record.level is Level.EXECUTED
    differing = recorded.session(answers={"FROM lake.s.other": [("spark", 2)], "FROM lake.s.words": [("spark", 3)]})
    with pytest.raises(CheckFailed, match=r"gave \[\('spark', 3\)\], not \[\('spark', 2\)\]"):
        application(0).must_have_written_the_same(differing, other)


class Submitter:
    """The pod that applications are submitted from: the submission prints a line and ends with a code, or never."""

    def __init__(self, exit_code: int | None, *others: Manifest, standalone: bool = False) -> None:
        self.argv: Sequence[str] = ()
        self.streams = RecordedStreams("submitted", exit_code=exit_code)
        master = [pod("spark-master-0", "master")] if standalone else []
        self.platform = RecordedPlatform(
            RecordedKube(pod("spark-submit-0", "submit"), *master, *others, programs=self._start)
        )

    def _start(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        assert name == "spark-submit-0"
        self.argv = argv
        return self.streams


@pytest.mark.parametrize(
    ("standalone", "program"), [(False, "/opt/sparkproof/k8s_submit.py"), (True, "/opt/spark/bin/spark-submit")]
)
def test_it_is_submitted_as_the_platform_is_and_its_end_is_kept(standalone: bool, program: str, record: Record) -> None:
    submitter = Submitter(7, standalone=standalone)
    ended = Application.submit(submitter.platform, "word count", "cluster", "lake.s.words")
    assert (ended.exit_code, ended.output) == (7, "submitted")
    assert list(submitter.argv[:3]) == [program, "--deploy-mode", "cluster"]
    assert submitter.argv[3:5] == ["--name", ended.submitted_as]
    assert submitter.argv[5].endswith("/word-count.py")
    again = Application.submit(submitter.platform, "word count", "cluster", "lake.s.words")
    assert again.submitted_as != ended.submitted_as
    assert ended.submitted_as.startswith("word-count-")
    assert submitter.streams.closed
    assert [item.name for item in record.items] == ["output of the submission of word count"] * 2


@pytest.mark.usefixtures("one_look")
def test_one_that_never_ends_is_given_up_and_its_output_is_kept(record: Record) -> None:
    submitter = Submitter(None)
    with pytest.raises(GaveUp, match="the end of the word count application in client mode did not come"):
        Application.submit(submitter.platform, "word count", "client", "t")
    assert record.items[0].content == b"submitted"
    assert submitter.streams.closed


def submitted(application: Application, *, standalone: bool, known: str = "word-count-1") -> Application:
    """Check a submission on a platform whose Spark knows the application of this name."""
    master = {"completedapps": [{"name": known, "state": "FINISHED", "starttime": 0, "duration": 1}]}
    pages = {
        "": [{"id": "app-1", "name": known, "attempts": [{"completed": True}]}],
        "/app-1/allexecutors": [{"id": "driver", "completedTasks": 0}, {"id": "1", "completedTasks": 4}],
    }
    served = {f"spark-history-server-0:18080{APPLICATIONS}{path}": page for path, page in pages.items()}
    pods = [pod("spark-master-0", "master")] if standalone else [pod("spark-history-server-0", "history-server")]
    kube = RecordedKube(*pods, served={**served, "spark-master-0:8080/json/": master})
    application.must_have_run_on_executors(RecordedPlatform(kube))
    return application


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize("standalone", [False, True])
def test_who_ran_it_is_asked_from_the_platforms_own_spark(standalone: bool, record: Record) -> None:
    own = replace(application(0), submitted_as="word-count-1")
    submitted(own, standalone=standalone)
    assert record.level is Level.EXECUTED
    with pytest.raises(GaveUp, match="the end of word-count-1"):
        submitted(own, standalone=standalone, known="word-count-2")
    assert len(record.proofs) == 1
