"""Allure is shown each attempt as the ledger has it: outcome, reason, level of proof, evidence and steps."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import allure
import pytest
from behave.model import Scenario
from behave.model_type import Status

from sparkproof.core import evidence
from sparkproof.core.evidence import Evidence, Level, Proof, Record
from sparkproof.run.allure import CATEGORIES, STATUS, Allure
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import About
from tests.support.ended import attempt, feature, scenarios
from tests.support.runs import line

TEXT = """@gpu @owner:jane @critical @allure.link.notes:http://notes
Feature: F
  What it is about
  Scenario Outline: a <size> query
    Its own description
    Given tables
      | name  | rows |
      | trips | 3    |
    When it runs
      '''
      SELECT 1
      '''
    Then it answers
    Examples:
      | size  |
      | small |
  Rule: R
    Scenario: third
      Then it answers
"""
IDENTITY = "f.feature::a small query"


def ended(*, rule: bool = False) -> Scenario:
    found = scenarios(feature(TEXT, "features/iceberg/f.feature"))[int(rule)]
    for step, (status, seconds) in zip(
        found.all_steps, [(Status.passed, 0.5), (Status.failed, 0.25), (Status.skipped, 0.0)], strict=False
    ):
        step.status, step.duration = status, seconds
        step.error_message = "2 rows \udcff" if status is Status.failed else None
    return found


def shown(folder: Path, scenario: Scenario, outcome: Outcome, reason: str = "", **changes: Any) -> dict[str, Any]:
    """The result that Allure reads of an attempt at a scenario."""
    made = attempt(0, outcome, reason, **changes)
    entry = line(
        IDENTITY, feature="F", tags=["critical", "gpu", "own", "owner:jane"], outcome=outcome.value,
        attempts=made.number, level=made.record.level,
    )  # fmt: skip
    writes = Allure(folder)
    writes.add(scenario, entry, made)
    writes.close()
    (path,) = folder.glob("*-result.json")
    return dict(json.loads(path.read_text()))


def labels(result: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in result["labels"]:
        found.setdefault(each["name"], []).append(each["value"])
    return found


def attached(folder: Path, one: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Name, type, extension and content of what is attached to a result or a step."""
    return [
        (each["name"], each["type"], each["source"].partition("-attachment")[2], (folder / each["source"]).read_text())
        for each in one.get("attachments", [])
    ]


def test_a_failed_attempt_is_shown_whole(tmp_path: Path) -> None:
    record = Record(
        items=[Evidence("rows", "application/json", b"[1]"), Evidence("odd", "of/nothing", b"x")],
        proofs=[Proof(Level.EXECUTED, "2 rows"), Proof(Level.PLANNED, "a plan")],
    )
    result = shown(
        tmp_path,
        ended(),
        Outcome.FAILED,
        "2 rows came",
        number=2,
        trace="a trace",
        output="said",
        record=record,
        worker=3,
    )
    assert result["name"].startswith("a small query")
    assert result["fullName"] == IDENTITY
    assert str(UUID(result["uuid"])) == result["uuid"]
    assert result["historyId"] == result["testCaseId"]
    assert len(result["historyId"]) == 32
    assert result["titlePath"] == ["features", "iceberg", "F"]
    assert result["description"] == "What it is about\nIts own description"
    assert result["status"] == "failed"
    assert result["links"] == [{"type": "link", "url": "http://notes", "name": "notes"}]
    details = result["statusDetails"]
    assert (details["message"], details["trace"]) == ("2 rows came", "a trace")
    assert (result["stage"], result["start"], result["stop"]) == ("finished", 1795435200250, 1795435201750)
    parameters = {each["name"]: each for each in result["parameters"]}
    assert (parameters["size"]["value"], parameters["level of proof"]["value"]) == ("small", "planned")
    assert parameters["level of proof"]["excluded"] is True
    assert attached(tmp_path, result) == [
        ("what was seen", "text/plain", ".txt", "executed: 2 rows\nplanned: a plan"),
        ("rows", "application/json", ".json", "[1]"),
        ("odd", "of/nothing", ".bin", "x"),
        ("output", "text/plain", ".txt", "said"),
    ]
    assert [(each["name"], each["status"], each["start"], each["stop"]) for each in result["steps"]] == [
        ("Given tables", "passed", 1795435200250, 1795435200750),
        ("When it runs", "failed", 1795435200750, 1795435201000),
        ("Then it answers", "skipped", 1795435201000, 1795435201000),
    ]
    assert [each.get("statusDetails", {}).get("message") for each in result["steps"]] == [None, r"2 rows \udcff", None]
    assert [each["stage"] for each in result["steps"]] == ["finished"] * 3
    assert [attached(tmp_path, each) for each in result["steps"]] == [
        [(".table", "text/csv", ".csv", "name,rows\ntrips,3\n")],
        [(".text", "text/plain", ".txt", "SELECT 1")],
        [],
    ]
    found = labels(result)
    assert {name: found[name] for name in found if name not in ("tag", "severity", "language", "owner")} == {
        "epic": ["iceberg"],
        "feature": ["F"],
        "parentSuite": ["iceberg"],
        "suite": ["F"],
        "framework": ["behave"],
        "thread": ["worker 3"],
        "ledger": [IDENTITY],
        "outcome": ["failed"],
        "proof": ["planned"],
    }
    assert found["severity"] == ["critical"]
    assert sorted(each for each in found["tag"] if ":" not in each) == ["gpu", "own"]
    assert "proof: planned" in found["tag"]


@pytest.mark.parametrize(
    ("outcome", "status", "tag"),
    [
        (Outcome.SKIPPED, "skipped", []),
        (Outcome.UNSUPPORTED, "skipped", ["unsupported"]),
        (Outcome.NOT_RUN, "unknown", []),
    ],
)
def test_what_is_not_proved_says_why(outcome: Outcome, status: str, tag: list[str], tmp_path: Path) -> None:
    result = shown(tmp_path, ended(rule=True), outcome, "no GPU")
    assert result["status"] == status
    assert result.get("statusDetails") is None, "a message would be shown as an error"
    assert result["description"] == f"{outcome.value.capitalize()}: no GPU\n\nWhat it is about"
    found = labels(result)
    assert (found["reason"], found["proof"], found["story"], found["subSuite"]) == (["no GPU"], ["none"], ["R"], ["R"])
    assert [each for each in found["tag"] if each == "unsupported"] == tag
    assert "thread" not in found
    assert {each["name"]: each["value"] for each in result["parameters"]} == {"level of proof": "none"}
    assert result.get("attachments", []) == []


def test_what_passed_only_when_repeated_is_flaky_and_what_broke_has_its_reason(tmp_path: Path) -> None:
    assert shown(tmp_path / "1", ended(), Outcome.PASSED, number=2)["statusDetails"]["flaky"] is True
    passed = shown(tmp_path / "2", ended(), Outcome.PASSED)
    assert passed.get("statusDetails") is None
    assert "reason" not in labels(passed)
    broken = shown(tmp_path / "3", ended(), Outcome.BROKEN, "no room")
    assert (broken["status"], broken["statusDetails"]["message"]) == ("broken", "no room")
    assert "trace" not in broken["statusDetails"]
    assert "reason" not in labels(broken)


def test_a_step_that_was_not_reached_or_broke_is_told(tmp_path: Path) -> None:
    one = ended()
    for step, status in zip(one.all_steps, (Status.untested, Status.error, Status.pending_warn), strict=True):
        step.status = status
    result = shown(tmp_path, one, Outcome.BROKEN, "no room")
    assert [each["status"] for each in result["steps"]] == ["skipped", "broken", "skipped"]


def test_each_outcome_has_a_status_and_a_category() -> None:
    assert STATUS == {
        "passed": "passed",
        "failed": "failed",
        "broken": "broken",
        "skipped": "skipped",
        "unsupported": "skipped",
        "not run": "unknown",
    }
    categories: Any = CATEGORIES
    shown = {status for each in categories for status in each["matchers"]["statuses"]}
    assert shown == set(STATUS.values()) - {"passed"}


def test_the_subject_of_the_run_and_its_causes_are_shown(tmp_path: Path) -> None:
    writes = Allure(tmp_path / "a" / "results")
    about = About(cluster="embedded", versions={"Spark: a=b": "4.1.1", "none": ""})
    writes.describe("0a1b2c3d", about, [], 12.3456)
    folder = tmp_path / "a" / "results"
    assert sorted(each.name for each in folder.iterdir()) == [
        "categories.json",
        "environment.properties",
        "executor.json",
    ]
    assert (folder / "environment.properties").read_text() == "cluster=embedded\nSpark__a_b=4.1.1\n"
    assert json.loads((folder / "categories.json").read_text()) == json.loads(json.dumps(CATEGORIES))
    executor = json.loads((folder / "executor.json").read_text())
    assert executor == {"name": "Sparkproof", "type": "sparkproof", "buildName": "0a1b2c3d"}
    writes.describe("0a1b2c3d", about, ["no cluster", "no more"], 12.3456)
    (path,) = folder.glob("*-globals.json")
    errors = json.loads(path.read_text())["errors"]
    assert [(each["message"], each["timestamp"]) for each in errors] == [("no cluster", 12346), ("no more", 12346)]
    writes.close()


def test_what_a_project_attaches_is_evidence_until_the_run_ends(tmp_path: Path, record: evidence.Record) -> None:
    writes = Allure(tmp_path)
    (tmp_path / "x.json").write_text("[2]")
    allure.attach("[1]", "rows", allure.attachment_type.JSON)
    allure.attach(b"a", None, None, "html")
    allure.attach.file(str(tmp_path / "x.json"), extension="json")
    allure.attach.file(str(tmp_path / "x.json"), "own name", "text/own")
    assert [(each.name, each.media_type, each.content) for each in record.items] == [
        ("rows", "application/json", b"[1]"),
        ("attachment", "text/html", b"a"),
        ("x.json", "application/json", b"[2]"),
        ("own name", "text/own", b"[2]"),
    ]
    writes.close()
    allure.attach("[1]", "later", allure.attachment_type.JSON)
    assert len(record.items) == 4
