"""Whatever happens to its files, a run keeps every result and says in its verdict what was lost."""

# Longer than 300 lines: one test for each way in which a file of results can be lost.

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allure_commons
import pytest

from sparkproof.run import ledger, reconcile, summary, timeline
from sparkproof.run import verdict as verdicts
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import About, Plan
from sparkproof.run.results import Results
from tests.support.ended import attempt, configuration, feature, scenarios

ALL = Plan(allure=True, junit=True, run="0a1b2c3d", group=lambda scenario: scenario.name[0])


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Take out of Allure what results have put there that a test does not close."""
    manager = allure_commons.plugin_manager
    known = list(manager.get_plugins())
    yield
    for plugin in manager.get_plugins():
        if plugin not in known:
            manager.unregister(plugin)


def begun(folder: Path, plan: Plan = ALL) -> Results:
    """The results of a run of three scenarios, of which one is not selected."""
    made = Results(folder)
    one = feature()
    scenarios(one)[2].tags.append("slow")
    made.selection.choose([one], configuration("--tags=not slow"))
    made.open(["features"], plan)
    return made


def ids(made: Results) -> list[str]:
    return [line.id for line in made.lines]


def verdict(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "verdict.json").read_text()))


def test_a_run_writes_what_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/lib/behave/__main__.py", "--tags=not slow", "a b"])
    made = begun(tmp_path / "a" / "reports")
    made.add(attempt(0))
    made.lost(1, Outcome.NOT_RUN, "no cluster")
    assert made.ended(0)
    judged = made.close()
    assert (judged.verdict, judged.exit_code, list(judged.causes)) == ("failure", 1, [])
    folder = tmp_path / "a" / "reports"
    lines = ledger.read(folder / "ledger.jsonl")
    assert [(line.outcome, line.reason, line.attempts) for line in lines] == [
        ("passed", "", 1),
        ("not run", "no cluster", 1),
    ]
    assert lines[1].duration_s == 0.0
    said = verdict(folder)
    assert said["command"] == "behave '--tags=not slow' 'a b'"
    assert said["run"] == "0a1b2c3d"
    assert said["started"].endswith("+00:00")
    assert said["selection"] == {
        "paths": ["features"],
        "scenarios": 3,
        "selected": 2,
        "tags": ["gpu", "iceberg", "slow"],
        "groups": ["f", "s", "t"],
        "not_selected": ["features/iceberg/trips.feature::R::third"],
    }
    assert said["files"].keys() == {"ledger.jsonl", "run.log", "timeline.json", "allure-results", "junit"}
    assert 0 < said["duration_s"] < 60
    assert said["duration_s"] == round(made.duration_s, 3)
    assert len(list((folder / "allure-results").glob("*-result.json"))) == 2
    assert (folder / "run.log").read_text().startswith("run 0a1b2c3d\n\n=== features/iceberg/trips.feature::first:")
    assert (folder / "summary.md").read_text().startswith("# verdict: failure (1 passed, 1 not run in ")
    assert len(json.loads((folder / timeline.FILE).read_text())["attempts"]) == 1
    executor = json.loads((folder / "allure-results" / "executor.json").read_text())
    assert executor["buildName"] == "0a1b2c3d"


def test_a_run_writes_nothing_that_it_was_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/behave"])
    made = begun(tmp_path, Plan())
    made.add(attempt(0))
    made.add(attempt(1))
    assert made.close().verdict == "success"
    assert not (tmp_path / "allure-results").exists()
    assert not (tmp_path / "junit").exists()
    assert verdict(tmp_path)["command"] == "behave"


def test_a_new_run_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    old = ["timeline.json", "timeline.html", "gate.json", "statement.md", "run.log", "summary.md", "junit/TESTS-a.xml"]
    for name in [*old, "allure-results/a/b", "allure-report/index.html", "junit/own.xml", "own.txt"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x").write_text("x")
    (tmp_path / "allure-results" / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("verdict.json", "ledger.jsonl"):
        (tmp_path / name).write_text("of the last run")
    Results(tmp_path)
    assert [name for name in [*old, "allure-results/a", "allure-report"] if (tmp_path / name).exists()] == []
    assert not (tmp_path / "verdict.json").exists()
    assert (tmp_path / "ledger.jsonl").read_text() == ""
    assert (tmp_path / "elsewhere" / "x").exists(), "what a link leads to is another's"
    assert [(tmp_path / name).exists() for name in ("junit/own.xml", "own.txt")] == [True, True]
    assert (tmp_path / "previous" / "ledger.jsonl").read_text() == "of the last run"


def test_a_folder_stays_where_it_is_when_a_step_goes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = begun(Path("reports"), Plan())
    (tmp_path / "elsewhere").mkdir()
    os.chdir(tmp_path / "elsewhere")
    made.add(attempt(0))
    made.add(attempt(1))
    assert made.close().verdict == "success"
    assert verdict(tmp_path / "reports")["verdict"] == "success"


def test_only_the_last_attempt_is_a_line_and_each_is_in_the_log(tmp_path: Path) -> None:
    made = begun(tmp_path)
    made.add(attempt(0, Outcome.FAILED, "2 rows came"), last=False)
    assert not made.ended(0)
    assert made.lines == []
    made.add(attempt(0, number=2))
    assert (ids(made), made.ended(0), made.ended(1)) == (["features/iceberg/trips.feature::first"], True, False)
    made.add(attempt(1))
    judged = made.close("stable")
    assert (tmp_path / "run.log").read_text().count("=== ") == 3
    assert judged.causes == ["1 passed only when repeated, and -D require=stable asks for stable results."]
    assert verdict(tmp_path)["verdict"] == "failure"
    assert "cause" in (tmp_path / "summary.md").read_text()


def test_a_scenario_that_the_run_does_not_come_to_repeat_ends_as_it_has_ended(tmp_path: Path) -> None:
    made = begun(tmp_path)
    made.add(attempt(0, Outcome.FAILED, "2 rows came"), last=False)
    made.add(attempt(1, Outcome.FAILED, "no rows came"), last=False)
    made.lost(0, Outcome.NOT_RUN, "Stopped by Ctrl-C.")
    made.lost(1, Outcome.BROKEN, "its worker was killed")
    assert [(line.outcome, line.reason, line.attempts) for line in made.lines] == [
        ("failed", "2 rows came", 1),
        ("broken", "its worker was killed", 2),
    ]
    assert len(ledger.read(tmp_path / "ledger.jsonl")) == 2
    assert made.close().causes == []


def test_what_ends_at_once_is_written_in_one_go_and_told(tmp_path: Path) -> None:
    made = begun(tmp_path)
    told: list[Any] = []
    with made.at_once(told.extend):
        made.add(attempt(0, Outcome.FAILED, "x"), last=False)
        made.add(attempt(0, number=2))
        assert (tmp_path / "ledger.jsonl").read_text() == ""
        assert not (tmp_path / "run.log").exists()
        assert told == []
    assert [(line.attempts, again) for line, again in told] == [(1, True), (2, False)]
    assert len(ledger.read(tmp_path / "ledger.jsonl")) == 1
    assert (tmp_path / "run.log").read_text().count("=== ") == 2
    made.add(attempt(1))
    assert len(told) == 2
    assert len(ledger.read(tmp_path / "ledger.jsonl")) == 2
    with made.at_once(lambda _: pytest.fail("nothing has ended")):
        pass
    with pytest.raises(ValueError, match="x"), made.at_once(told.extend):
        made.add(attempt(1))
        raise ValueError("x")
    assert len(ledger.read(tmp_path / "ledger.jsonl")) == 3


def test_a_cause_is_said_once_and_readably(tmp_path: Path) -> None:
    made = begun(tmp_path)
    for sentence in ("a\udcff", "b", "a\udcff"):
        made.cause(sentence)
    assert made.causes == [r"a\udcff", "b"]
    assert made.close().causes[0] == r"a\udcff"


@pytest.mark.parametrize("broken", [OSError(28, "No space left on device"), OSError("full"), ValueError("no")])
def test_a_file_that_cannot_be_written_is_a_cause_and_stops_nothing(
    broken: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = begun(tmp_path)

    def fails(*_: object, **__: object) -> None:
        raise broken

    for sink in made._sinks:
        monkeypatch.setattr(sink, "add", fails)

    def fails_late(line: ledger.Line) -> None:
        ledger.Ledger.add(made._ledger, line)
        fails()

    monkeypatch.setattr(made._ledger, "add", fails_late)
    monkeypatch.setattr(summary, "write_markdown", fails)
    made.add(attempt(0))
    made.add(attempt(1))
    why = {28: "No space left on device", None: "full"}.get(getattr(broken, "errno", 0), "ValueError: no")
    names = ["ledger.jsonl", "Log", "TimelineWriter", "Allure", "JUnit"]
    assert made.causes == [f"{name} under {tmp_path} could not be written: {why}." for name in names]
    judged = made.close()
    assert f"summary.md under {tmp_path} could not be written: {why}." in judged.causes
    assert verdict(tmp_path)["causes"] == list(judged.causes)
    assert len(ledger.read(tmp_path / "ledger.jsonl")) == 2


@pytest.mark.parametrize(
    "what", ["ledger.jsonl", "Log", "TimelineWriter", "JUnit", "Allure", "The comparison of results"]
)
def test_a_file_that_cannot_be_closed_or_compared_is_a_cause(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = begun(tmp_path)
    made.add(attempt(0))
    made.add(attempt(1))

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    closes = {type(sink).__name__: sink for sink in made._sinks} | {"ledger.jsonl": made._ledger}
    if what in closes:
        monkeypatch.setattr(closes[what], "close", fails)
    else:
        monkeypatch.setattr(reconcile, "differences", fails)
    judged = made.close()
    assert judged.verdict == "failure"
    assert judged.causes[0] == f"{what} under {tmp_path} could not be written: No space left on device."


def test_a_run_that_was_refused_before_it_began_has_a_verdict(tmp_path: Path) -> None:
    made = Results(tmp_path)
    made.cause("The configuration is refused.")
    assert made.close().exit_code == 1
    assert verdict(tmp_path)["causes"] == ["The configuration is refused."]
    assert verdict(tmp_path)["selection"]["paths"] == []


def test_a_folder_is_the_runs_as_long_as_it_lasts(tmp_path: Path) -> None:
    made = Results(tmp_path)
    child = os.fork()
    if not child:
        code = 1
        try:
            Results(tmp_path)
        except OSError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    made.close()


def test_what_allure_cannot_be_told_of_the_run_is_a_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(tmp_path)
    made.add(attempt(0))
    made.add(attempt(1))
    monkeypatch.setattr(made._allure, "describe", lambda *_: 1 // 0)
    (cause,) = made.close().causes
    assert cause.startswith(f"Allure under {tmp_path} could not be written: ZeroDivisionError")


def test_a_folder_that_became_a_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    made = begun(folder, Plan())
    made.add(attempt(0))
    made.add(attempt(1))
    folder.rename(tmp_path / "away")
    folder.write_text("")
    assert made.close().causes[0] == f"The folder under {folder} could not be written: File exists."


def test_a_verdict_that_cannot_be_written_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(tmp_path, Plan())
    made.add(attempt(0))
    made.add(attempt(1))

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(verdicts, "write", fails)
    judged = made.close()
    assert judged.verdict == "failure"
    assert list(judged.causes) == [f"verdict.json under {tmp_path} could not be written: No space left on device."]


@pytest.mark.parametrize("how", ["the ledger", "the folder"])
def test_files_that_somebody_removed_are_written_anew_and_named(how: str, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    made = begun(folder, Plan())
    made.add(attempt(0))
    made.add(attempt(1))
    for each in folder.iterdir() if how == "the folder" else [folder / "ledger.jsonl"]:
        each.unlink()
    if how == "the folder":
        folder.rmdir()
    judged = made.close()
    assert judged.verdict == "failure"
    assert judged.causes[0] == (
        f"The files in {folder} were removed while the run wrote them: let no step and no hook but "
        "before_all remove them."
    )
    assert len(ledger.read(folder / "ledger.jsonl")) == 2
    assert verdict(folder)["verdict"] == "failure"


def test_a_report_that_lacks_a_result_fails_the_run(tmp_path: Path) -> None:
    made = begun(tmp_path)
    made.add(attempt(0))
    made.add(attempt(1))
    for path in (tmp_path / "allure-results").glob("*-result.json"):
        path.unlink()
    assert [cause.partition(" of ")[0] for cause in made.close().causes] == ["Allure has no result"] * 2
    assert verdict(tmp_path)["verdict"] == "failure"


@pytest.mark.parametrize("kind", ["allure", "junit"])
def test_each_report_is_compared_for_itself(kind: str, tmp_path: Path) -> None:
    made = begun(tmp_path, Plan(**{kind: True}))  # type: ignore[arg-type]
    made.add(attempt(0))
    made.add(attempt(1))
    made._sinks[-1].add = lambda *_: None  # type: ignore[method-assign]
    made._ledger._lines["x"] = made.lines[0]._replace(id="x")
    causes = list(made.close().causes)
    assert len([cause for cause in causes if "has no result of x" in cause]) == 1


@pytest.mark.parametrize("error", [KeyError("version"), SystemExit(2)])
def test_what_the_run_was_against_must_be_known(error: BaseException, tmp_path: Path) -> None:
    def about() -> About:
        raise error

    made = begun(tmp_path, Plan(about=about))
    made.add(attempt(0))
    made.add(attempt(1))
    assert made.close().verdict == "failure"
    (cause,) = made.causes
    assert cause.startswith(f"What the run was against is not known: {type(error).__name__}: ")
    assert verdict(tmp_path)["cluster"] == ""


def test_a_promise_that_is_broken_fails_the_run_and_its_subject_is_said(tmp_path: Path) -> None:
    about = About(cluster="embedded", broken_promises=["A GPU was promised."])
    made = begun(tmp_path, Plan(allure=True, about=lambda: about))
    made.add(attempt(0))
    made.add(attempt(1))
    judged = made.close()
    assert (judged.verdict, list(judged.causes)) == ("failure", ["A GPU was promised."])
    assert verdict(tmp_path)["cluster"] == "embedded"
    shown = (tmp_path / "allure-results" / "environment.properties").read_text()
    assert shown == "cluster=embedded\n"
    (globals_,) = (tmp_path / "allure-results").glob("*-globals.json")
    assert json.loads(globals_.read_text())["errors"][0]["message"] == "A GPU was promised."


def test_partial_is_not_enough_where_success_is_asked_for(tmp_path: Path) -> None:
    for require, code in (("", 0), ("success", 1)):
        made = begun(tmp_path / (require or "none"), Plan())
        made.add(attempt(0))
        made.add(attempt(1, Outcome.SKIPPED, "no GPU"))
        judged = made.close(require)
        assert (judged.verdict, judged.exit_code) == ("partial", code)
        assert verdict(tmp_path / (require or "none"))["exit_code"] == code
