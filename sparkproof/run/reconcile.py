"""Compares the ledger with the results that Allure and JUnit have: a difference is a failure, named."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from sparkproof.run.ledger import Line


def differences(folder: Path, lines: Sequence[Line], *, allure: bool, junit: bool) -> Iterator[str]:
    """Read back the files of a run in `folder`; yield one sentence for each scenario that differs."""
    if allure:
        yield from _compare("Allure", lines, _allure(folder / "allure-results"))
    if junit:
        from sparkproof.run.junit import clean

        yield from _compare("JUnit", [line._replace(id=clean(line.id)) for line in lines], _junit(folder / "junit"))


def _compare(name: str, lines: Sequence[Line], found: dict[str, list[str]]) -> Iterator[str]:
    for line in lines:
        attempts = found.pop(line.id, [])
        if not attempts:
            yield f"{name} has no result of {line.id}, which the ledger calls {line.outcome}."
        elif Counter(attempts)[line.outcome] == 0:
            yield f"{name} calls {line.id} {attempts[-1]}, the ledger {line.outcome}."
    for identity in found:
        yield f"{name} has a result of {identity}, which is not in the ledger."


def _allure(folder: Path) -> dict[str, list[str]]:
    """The outcomes of all attempts by ledger id; a result file that cannot be read is no result."""
    from sparkproof.run.allure import STATUS

    found: dict[str, list[str]] = {}
    for path in folder.glob("*-result.json"):
        try:
            result = json.loads(path.read_bytes())
            labels = {label["name"]: label.get("value") for label in result["labels"]}
            found.setdefault(labels["ledger"], []).append(
                labels["outcome"] if STATUS[labels["outcome"]] == result["status"] else result["status"]
            )
        except (ValueError, KeyError, TypeError, AttributeError, OSError):  # a file of others
            continue
    return found


def _junit(folder: Path) -> dict[str, list[str]]:
    """The outcomes by ledger id; files that others wrote into the folder, as behave does with --junit, have no ids."""
    found: dict[str, list[str]] = {}
    for path in folder.glob("TESTS-*.xml"):
        try:
            cases = ElementTree.parse(path).getroot().iter("testcase")
        except (ElementTree.ParseError, OSError):
            continue
        for case in cases:
            facts = {fact.get("name", ""): fact.get("value", "") for fact in case.iter("property")}
            if "id" not in facts:
                continue
            problem = next(
                (case.find(tag) for tag in ("failure", "error", "skipped") if case.find(tag) is not None), None
            )
            outcome = "passed" if problem is None else problem.get("type", "")
            found.setdefault(facts["id"], []).append(outcome)
    return found
