"""Applications: each exit code is its own, and what was written is what a user reads."""

from collections.abc import Sequence

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.spark.application import Application, counted
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
    with pytest.raises(CheckFailed, match=f"ended with {ended}, not {expected}: INFO x\nno such file"):
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


class Submitter:
    """The pod that applications are submitted from: the submission prints a line and ends with a code, or never."""

    def __init__(self, exit_code: int | None, *, standalone: bool = False) -> None:
        self.argv: Sequence[str] = ()
        self.streams = RecordedStreams("submitted", exit_code=exit_code)
        master = [pod("spark-master-0", "master")] if standalone else []
        self.platform = RecordedPlatform(RecordedKube(pod("spark-submit-0", "submit"), *master, programs=self._start))

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
    assert submitter.argv[3].endswith("/word-count.py")
    assert submitter.streams.closed
    assert [item.name for item in record.items] == ["output of the submission of word count"]


@pytest.mark.usefixtures("one_look")
def test_one_that_never_ends_is_given_up_and_its_output_is_kept(record: Record) -> None:
    submitter = Submitter(None)
    with pytest.raises(GaveUp, match="the end of the word count application in client mode did not come"):
        Application.submit(submitter.platform, "word count", "client", "t")
    assert record.items[0].content == b"submitted"
    assert submitter.streams.closed
