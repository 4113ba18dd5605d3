"""The log of a run has every scenario in one piece."""

from pathlib import Path

from behave.model_type import Status

from sparkproof.run.log import Log
from sparkproof.run.outcome import Outcome
from tests.support.ended import attempt, feature, scenarios
from tests.support.runs import line

TEXT = r"""run 0a1b2c3d

=== an id: failed in 1.500 s, attempt 2
Given a cluster ... passed
Then it answers ... untested
--- 2 rows \udcff came
a trace
said

=== an id: passed in 1.500 s
Given a cluster ... passed
Then it answers ... untested

"""


def test_an_attempt_is_one_piece(tmp_path: Path) -> None:
    scenario = scenarios(feature())[0]
    scenario.steps[0].status = Status.passed
    log = Log(tmp_path / "run.log", "0a1b2c3d")
    reason = "2 rows \udcff came"
    log.add(scenario, line("an id"), attempt(0, Outcome.FAILED, reason, number=2, trace="a trace\n", output="said\n\n"))
    log.add(scenario, line("an id"), attempt(0, output="\n"))
    assert (tmp_path / "run.log").read_text() == TEXT
    log.close()
    assert log.file._file.closed
