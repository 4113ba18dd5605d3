"""A result that Allure or JUnit has and the ledger has not, or the other way round, is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from sparkproof.run.reconcile import differences
from tests.support.runs import line

LINES = [line("a"), line("b", outcome="unsupported"), line("c", outcome="failed"), line("d\x01", outcome="not run")]
STATUSES = {"a": "passed", "b": "skipped", "c": "failed", "d\x01": "unknown"}
KINDS = {"passed": "", "failed": "failure", "broken": "error", "skipped": "skipped", "unsupported": "skipped"}


def allure(folder: Path, identity: str, outcome: str, status: str, number: int = 1, **changes: Any) -> None:
    (folder / "allure-results").mkdir(exist_ok=True)
    labels = [{"name": "ledger", "value": identity}, {"name": "outcome", "value": outcome}, {"name": "tag"}]
    result = {"status": status, "labels": labels, **changes}
    (folder / "allure-results" / f"{ord(identity[0])}{number}-result.json").write_text(json.dumps(result))


def junit(folder: Path, *cases: tuple[str, str], name: str = "f") -> None:
    (folder / "junit").mkdir(exist_ok=True)
    text = ""
    for identity, outcome in cases:
        facts = f'<property name="level" value="none"/><property name="id" value="{identity}"/>'
        problem = f'<{KINDS.get(outcome, "skipped")} type="{outcome}"/>' if outcome != "passed" else ""
        text += f"<testcase><properties>{facts}</properties>{problem}<system-out>x</system-out></testcase>"
    (folder / "junit" / f"TESTS-{name}.xml").write_text(f"<testsuite><properties/>{text}</testsuite>", encoding="utf-8")


def whole(folder: Path) -> None:
    """Results of both kinds that agree with the ledger."""
    for each in LINES:
        allure(folder, each.id, each.outcome, STATUSES[each.id])
    junit(folder, ("a", "passed"), ("b", "unsupported"), name="f")
    junit(folder, ("c", "failed"), ("d\ufffd", "not run"), name="g")


def found(folder: Path) -> list[str]:
    return list(differences(folder, LINES, allure=True, junit=True))


def test_results_that_agree_differ_in_nothing(tmp_path: Path) -> None:
    whole(tmp_path)
    assert found(tmp_path) == []


def test_only_what_was_asked_for_is_compared(tmp_path: Path) -> None:
    assert list(differences(tmp_path, LINES, allure=False, junit=False)) == []
    missing = list(differences(tmp_path, LINES[:1], allure=True, junit=False))
    assert missing == ["Allure has no result of a, which the ledger calls passed."]
    missing = list(differences(tmp_path, LINES[:1], allure=False, junit=True))
    assert missing == ["JUnit has no result of a, which the ledger calls passed."]


def test_another_outcome_is_named_for_each_report(tmp_path: Path) -> None:
    whole(tmp_path)
    allure(tmp_path, "c", "passed", "passed")
    junit(tmp_path, ("a", "passed"), ("b", "broken"))
    assert found(tmp_path) == [
        "Allure calls c passed, the ledger failed.",
        "JUnit calls b broken, the ledger unsupported.",
    ]


def test_a_status_that_does_not_go_with_its_outcome_is_named(tmp_path: Path) -> None:
    whole(tmp_path)
    allure(tmp_path, "c", "failed", "passed")
    assert found(tmp_path) == ["Allure calls c passed, the ledger failed."]


def test_one_of_several_attempts_has_the_outcome_of_the_ledger(tmp_path: Path) -> None:
    whole(tmp_path)
    allure(tmp_path, "a", "failed", "failed", number=0)
    allure(tmp_path, "a", "broken", "broken", number=2)
    junit(tmp_path, ("a", "passed"), ("a", "failed"), ("b", "unsupported"))
    assert found(tmp_path) == []
    junit(tmp_path, ("a", "broken"), ("a", "failed"), ("b", "unsupported"))
    assert found(tmp_path) == ["JUnit calls a failed, the ledger passed."]


def test_a_result_that_nobody_knows_is_named(tmp_path: Path) -> None:
    whole(tmp_path)
    allure(tmp_path, "x", "passed", "passed")
    junit(tmp_path, ("y", "passed"), name="h")
    assert found(tmp_path) == [
        "Allure has a result of x, which is not in the ledger.",
        "JUnit has a result of y, which is not in the ledger.",
    ]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"labels": [1]}', '{"labels": [], "status": "passed"}', "null"])
def test_a_file_of_others_among_allures_is_no_result(text: str, tmp_path: Path) -> None:
    whole(tmp_path)
    (tmp_path / "allure-results" / "0-result.json").write_text(text)
    (tmp_path / "allure-results" / "x-container.json").write_text("{}")
    (tmp_path / "allure-results" / "00-result.json").mkdir()
    assert found(tmp_path) == []


def test_a_file_of_others_among_junits_is_no_result(tmp_path: Path) -> None:
    whole(tmp_path)
    (tmp_path / "junit" / "TESTS-0.xml").write_text("<testsuite>")
    (tmp_path / "junit" / "TESTS-1.xml").write_text("<testsuite><testcase name='behave'/></testsuite>")
    (tmp_path / "junit" / "TESTS-2.xml").mkdir()
    both = (tmp_path / "junit" / "TESTS-f.xml").read_text().replace("<properties/>", "<testcase name='behave'/>")
    (tmp_path / "junit" / "TESTS-f.xml").write_text(both)
    (tmp_path / "junit" / "TESTS-9.xml").write_text("<testsuite>")
    assert found(tmp_path) == []
