"""Writes JUnit files that agree with the ledger: one per feature, with every reason, level of proof and output."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from behave.model import Scenario

from sparkproof.run.attempt import Attempt
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome

_ELEMENTS = {
    "failed": "failure",
    "broken": "error",
    "skipped": "skipped",
    "unsupported": "skipped",
    "not run": "skipped",
}
# Linux's file systems take names of at most 255 bytes; the end of a long one says more than its beginning.
_LONGEST_NAME = 255
_KEPT_OF_NAME = 200
# The characters that XML 1.0 cannot hold, https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnit:
    """Keeps each scenario's last attempt and writes the files of a run when it is closed."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._run = run
        self._cases: defaultdict[str, dict[str, tuple[Line, Element]]] = defaultdict(dict)

    def add(self, scenario: Scenario, line: Line, attempt: Attempt) -> None:
        suite = _suite(scenario.filename)
        self._cases[suite][line.id] = (line, _case(suite, line, attempt))

    def close(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, cases in self._cases.items():
            lines = [line for line, _ in cases.values()]
            suite = Element("testsuite", _counts(lines), name=clean(lines[0].feature or name))
            SubElement(SubElement(suite, "properties"), "property", name="run", value=self._run)
            suite.extend(case for _, case in cases.values())
            indent(suite)
            ElementTree(suite).write(self._folder / _file_name(name), encoding="utf-8", xml_declaration=True)


def _file_name(suite: str) -> str:
    """The name of a suite's file; a long one is cut, and a digest of the whole tells it from its likes."""
    name = f"TESTS-{suite}.xml"
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(suite.encode()).hexdigest()[:12]
    return f"TESTS-{suite.encode()[-_KEPT_OF_NAME:].decode(errors='ignore')}-{digest}.xml"


def _suite(filename: str) -> str:
    return re.sub(r"\W+", ".", filename.removesuffix(".feature"))


def _case(suite: str, line: Line, attempt: Attempt) -> Element:
    case = Element(
        "testcase", classname=clean(f"{suite}.{line.feature}"), name=clean(line.name), time=str(line.duration_s)
    )
    properties = SubElement(case, "properties")
    facts = {"id": line.id, "outcome": line.outcome, "level": line.level or "none", "attempts": str(line.attempts)}
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=clean(value))
    if line.outcome != Outcome.PASSED:
        problem = SubElement(case, _ELEMENTS[line.outcome], type=line.outcome, message=clean(line.reason))
        problem.text = clean(attempt.trace)
    if attempt.output:
        SubElement(case, "system-out").text = clean(attempt.output)
    return case


def _counts(lines: Iterable[Line]) -> dict[str, str]:
    lines = list(lines)
    counted = Counter(_ELEMENTS.get(line.outcome, "passed") for line in lines)
    return {
        "tests": str(len(lines)),
        "failures": str(counted["failure"]),
        "errors": str(counted["error"]),
        "skipped": str(counted["skipped"]),
        "time": f"{sum(line.duration_s for line in lines):.3f}",
        "timestamp": min(line.started for line in lines),
    }


def clean(text: str) -> str:
    """`text` without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
