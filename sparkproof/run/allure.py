"""Writes Allure results from finished attempts, labelled as allure-behave labels them.

allure-behave's own formatter watches behave while it runs and so misses rules, hooks, clean-ups and reasons, and takes
two scenarios of one name for repetitions; what is written here is read from the attempt that the ledger also keeps.
"""

import json
import mimetypes
import uuid
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import allure_commons
from allure_behave.utils import (
    get_title_path,
    scenario_labels,
    scenario_links,
    scenario_name,
    scenario_parameters,
    step_table,
)
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    GlobalError,
    Globals,
    Label,
    Parameter,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from allure_commons.types import LabelType
from allure_commons.utils import md5, platform_label
from behave.model import Scenario, Step

from sparkproof.core import evidence
from sparkproof.core.evidence import Evidence
from sparkproof.run.attempt import Attempt
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome, readable
from sparkproof.run.plan import About, area
from sparkproof.run.selection import rule_of

# Allure knows no "unsupported": it is shown as skipped, with a tag and a category of its own. Its "unknown" is a result
# of which nothing is known.
STATUS = {outcome.value: outcome.value for outcome in Outcome} | {"unsupported": "skipped", "not run": "unknown"}
_STEP_STATUS = dict.fromkeys(("skipped", "untested", "pending_warn"), "skipped") | {
    "passed": "passed",
    "failed": "failed",
}
# Why a scenario is not proved although it did not fail. A message would be shown as an error.
_REASON = "reason"
_BY_REASON = {"groupBy": [{"label": _REASON}], "groupByMessage": False}

CATEGORIES = [
    {"name": "Failed checks", "matchers": {"statuses": ["failed"]}},
    {"name": "Broken: set-up or clean-up", "matchers": {"statuses": ["broken"]}},
    {
        "name": "Unsupported by the vendor",
        "matchers": {"statuses": ["skipped"], "labels": {"tag": "unsupported"}},
        **_BY_REASON,
    },
    {"name": "Skipped: a capability is absent", "matchers": {"statuses": ["skipped"]}, **_BY_REASON},
    {"name": "Not run: the run ended before its turn", "matchers": {"statuses": ["unknown"]}, **_BY_REASON},
]


class Allure:
    """Writes one result file for each attempt into `folder`; attempts at one scenario share their history id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bridge = _Bridge()
        allure_commons.plugin_manager.register(self._bridge)

    @cached_property
    def _writer(self) -> AllureFileLogger:
        # It makes the folder, at the first result: a project's before_all may have removed what was there.
        return AllureFileLogger(self._folder)

    def add(self, scenario: Scenario, line: Line, attempt: Attempt) -> None:
        self._writer.report_result(self._result(scenario, line, attempt))

    def describe(self, run: str, about: About, causes: Iterable[str], stopped: float) -> None:
        """Write the subject of the run, the categories of results, and the errors beyond single scenarios."""
        self._folder.mkdir(parents=True, exist_ok=True)
        facts = {"cluster": about.cluster, **about.versions}
        properties = "".join(f"{_key(name)}={value}\n" for name, value in facts.items() if value)
        (self._folder / "environment.properties").write_text(properties, encoding="utf-8")
        (self._folder / "categories.json").write_text(json.dumps(CATEGORIES), encoding="utf-8")
        (self._folder / "executor.json").write_text(
            json.dumps({"name": "Sparkproof", "type": "sparkproof", "buildName": run})
        )
        errors = [GlobalError(message=cause, timestamp=_ms(stopped)) for cause in causes]
        if errors:
            self._writer.report_globals(Globals(errors=errors))

    def close(self) -> None:
        allure_commons.plugin_manager.unregister(self._bridge)

    def _result(self, scenario: Scenario, line: Line, attempt: Attempt) -> TestResult:
        return TestResult(
            uuid=str(uuid.uuid4()),
            name=readable(scenario_name(scenario)),
            fullName=line.id,
            titlePath=list(map(readable, get_title_path(scenario))),
            historyId=md5(line.id),
            testCaseId=md5(line.id),
            description=readable("\n".join([*_why(attempt), *scenario.feature.description, *scenario.description])),
            status=STATUS[attempt.outcome],
            statusDetails=_details(line, attempt),
            stage="finished",
            parameters=[*(scenario_parameters(scenario) or []), *_proof_parameters(attempt)],
            labels=list(_labels(scenario, line, attempt)),
            links=list(scenario_links(scenario, issue_pattern=None, link_pattern=None)),
            steps=list(self._steps(scenario, attempt)),
            attachments=[self._attach(item) for item in _kept(attempt)],
            start=_ms(attempt.started),
            stop=_ms(attempt.started + attempt.duration_s),
        )

    def _steps(self, scenario: Scenario, attempt: Attempt) -> Iterator[TestStepResult]:
        # behave measures how long a step took but not when it began: they are laid out one after another.
        started = attempt.started
        for step in scenario.all_steps:
            stopped = started + step.duration
            yield TestStepResult(
                name=readable(f"{step.keyword} {step.name}"),
                status=_STEP_STATUS.get(step.status.name, "broken"),
                statusDetails=StatusDetails(message=readable(step.error_message)) if step.error_message else None,
                stage="finished",
                attachments=[self._attach(item) for item in _arguments(step)],
                start=_ms(started),
                stop=_ms(stopped),
            )
            started = stopped

    def _attach(self, item: Evidence) -> Attachment:
        extension = mimetypes.guess_extension(item.media_type) or ".bin"
        source = f"{uuid.uuid4()}-attachment{extension}"
        self._writer.report_attached_data(item.content, source)
        return Attachment(name=item.name, source=source, type=item.media_type)


class _Bridge:
    """Keeps what a project attaches by `allure.attach` as evidence."""

    @allure_commons.hookimpl
    def attach_data(self, body: bytes | str, name: str | None, attachment_type: object, extension: str | None) -> None:
        media_type = getattr(attachment_type, "mime_type", attachment_type)
        guessed = mimetypes.guess_type(f"x.{extension}")[0]
        evidence.attach(name or "attachment", body, str(media_type) if media_type else guessed)

    @allure_commons.hookimpl
    def attach_file(self, source: str, name: str | None, attachment_type: object, extension: str | None) -> None:
        self.attach_data(Path(source).read_bytes(), name or Path(source).name, attachment_type, extension)


def _labels(scenario: Scenario, line: Line, attempt: Attempt) -> Iterator[Label]:
    own = list(scenario_labels(scenario))
    yield from own
    tagged = {label.value for label in own if label.name in (LabelType.TAG, LabelType.SEVERITY)}
    yield from (Label(name=LabelType.TAG, value=tag) for tag in line.tags if tag not in tagged and ":" not in tag)
    rule = rule_of(scenario)
    shown = {
        LabelType.EPIC: area(scenario),
        LabelType.FEATURE: line.feature,
        LabelType.STORY: rule.name if rule else "",
        LabelType.PARENT_SUITE: area(scenario),
        LabelType.SUITE: line.feature,
        LabelType.SUB_SUITE: rule.name if rule else "",
        LabelType.FRAMEWORK: "behave",
        LabelType.LANGUAGE: platform_label(),
        LabelType.THREAD: f"worker {attempt.worker}" if attempt.worker else "",
        "ledger": line.id,
        "outcome": attempt.outcome.value,
        "proof": line.level or "none",
        _REASON: attempt.reason if _unproved(attempt) else "",
    }
    yield from (Label(name=name, value=value) for name, value in shown.items() if value)
    yield Label(name=LabelType.TAG, value=f"proof: {line.level or 'none'}")
    if attempt.outcome is Outcome.UNSUPPORTED:
        yield Label(name=LabelType.TAG, value="unsupported")


def _unproved(attempt: Attempt) -> bool:
    return not attempt.outcome.bad and attempt.outcome is not Outcome.PASSED


def _why(attempt: Attempt) -> Iterator[str]:
    """Say why the scenario is not proved: labels are cut when they are long."""
    if _unproved(attempt):
        yield f"{attempt.outcome.capitalize()}: {attempt.reason}\n"


def _proof_parameters(attempt: Attempt) -> Iterator[Parameter]:
    # Excluded from the history id, so that a better proof tomorrow is the same criterion.
    level = attempt.record.level
    yield Parameter(name="level of proof", value=level.value if level else "none", excluded=True)


def _details(line: Line, attempt: Attempt) -> StatusDetails | None:
    if attempt.outcome.bad:
        return StatusDetails(message=attempt.reason, trace=attempt.trace or None)
    return StatusDetails(flaky=True) if line.flaky else None


def _kept(attempt: Attempt) -> Iterator[Evidence]:
    if attempt.record.proofs:
        proofs = "\n".join(f"{proof.level}: {proof.seen}" for proof in attempt.record.proofs)
        yield Evidence("what was seen", "text/plain", proofs.encode(errors="backslashreplace"))
    yield from attempt.record.items
    if attempt.output:
        yield Evidence("output", "text/plain", attempt.output.encode(errors="backslashreplace"))


def _arguments(step: Step) -> Iterator[Evidence]:
    if step.text:
        yield Evidence(".text", "text/plain", str(step.text).encode(errors="backslashreplace"))
    if step.table is not None:
        yield Evidence(".table", "text/csv", step_table(step).encode(errors="backslashreplace"))


def _key(name: str) -> str:
    return name.replace(" ", "_").replace("=", "_").replace(":", "_")


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
