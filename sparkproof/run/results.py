"""Gathers the attempts of a run and writes its results: ledger, run.log, Allure, JUnit, summary, verdict."""

import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from behave.model import Scenario

from sparkproof.core.evidence import Record
from sparkproof.run import changes, summary, timeline, verdict
from sparkproof.run.attempt import Attempt
from sparkproof.run.ledger import Ledger, Line, identities, line
from sparkproof.run.log import Log
from sparkproof.run.outcome import Outcome, sentence
from sparkproof.run.plan import About, Plan
from sparkproof.run.timeline import TimelineWriter
from sparkproof.run.verdict import Judged, Run, Selection

if TYPE_CHECKING:
    from sparkproof.run.allure import Allure

_MADE_BY_A_RUN = (
    "ledger.jsonl",
    "timeline.*",
    "verdict.json",
    "gate.json",
    "statement.*",
    "run.log",
    "summary.md",
    "junit/TESTS-*.xml",
    "allure-results/*",
    "allure-report",
)


class Sink(Protocol):
    """Something that keeps attempts; behave's scenario still holds the state of that attempt when `add` is called."""

    def add(self, scenario: Scenario, line: Line, attempt: Attempt) -> None: ...
    def close(self) -> None: ...


class Results:
    """Everything that is known about a run; `causes` are what went wrong beyond single scenarios.

    A file that cannot be written never stops a run: it becomes a cause, and so a failure.
    """

    def __init__(self, folder: Path) -> None:
        """Start the results of a new run in `folder`, where those of the previous run end; raises OSError."""
        self.folder = folder
        self.causes: list[str] = []
        self.started = time.time()
        self.scenarios: list[Scenario] = []
        self.ids: list[str] = []
        self.plan = Plan()
        self.duration_s = 0.0
        self._selection = Selection()
        self._clock = time.monotonic()
        self._sinks: list[Sink] = []
        self._allure: Allure | None = None
        folder.mkdir(parents=True, exist_ok=True)
        changes.keep(folder)
        for pattern in _MADE_BY_A_RUN:
            for old in folder.glob(pattern):
                _remove(old)
        (folder / "ledger.jsonl").touch()
        self._ledger = Ledger(folder / "ledger.jsonl")

    def expect(self, selected: Sequence[Scenario], every: Sequence[Scenario], paths: Sequence[str], plan: Plan) -> None:
        """Say which scenarios were selected of `every` one in `paths`: each will end in one line."""
        self.plan = plan
        self.scenarios = list(selected)
        known = {id(scenario): name for scenario, name in zip(every, identities(every), strict=True)}
        self.ids = [known.pop(id(scenario)) for scenario in self.scenarios]
        self._selection = Selection(
            paths=[os.path.relpath(path) for path in paths],
            scenarios=len(every),
            selected=len(self.scenarios),
            tags=sorted({str(tag) for scenario in every for tag in scenario.effective_tags}),
            groups=sorted({plan.group(scenario) for scenario in every}),
            not_selected=list(known.values()),
        )
        self._sinks.append(Log(self.folder / "run.log", plan.run))
        self.timeline = TimelineWriter(self.folder / timeline.FILE, plan, self.started)
        self._sinks.append(self.timeline)
        if plan.allure:
            from sparkproof.run.allure import Allure

            self._allure = Allure(self.folder / "allure-results")
            self._sinks.append(self._allure)
        if plan.junit:
            from sparkproof.run.junit import JUnit

            self._sinks.append(JUnit(self.folder / "junit", plan.run))

    def add(self, attempt: Attempt, *, last: bool = True) -> Line:
        """Keep an attempt; the `last` one of a scenario becomes its line in the ledger."""
        scenario = self.scenarios[attempt.index]
        entry = line(self.ids[attempt.index], self.plan, scenario, attempt)
        if last:
            self._guard("ledger.jsonl", lambda: self._ledger.add(entry))
        for sink in self._sinks:
            self._guard(type(sink).__name__, lambda sink=sink: sink.add(scenario, entry, attempt))  # type: ignore[misc]
        return entry

    def lost(self, index: int, outcome: Outcome, reason: str) -> None:
        """Give the scenario number `index` its line although it did not run."""
        self.add(Attempt(index, 1, outcome, reason, time.time(), 0.0, Record()))

    def ended(self, index: int) -> bool:
        """Return True if the scenario number `index` has its line."""
        return self.ids[index] in self._ledger

    @property
    def lines(self) -> list[Line]:
        """The ledger so far, in the order in which scenarios ended."""
        return self._ledger.lines

    def cause(self, sentence: str) -> None:
        """Note what went wrong beyond single scenarios; any cause makes the run a failure."""
        if sentence not in self.causes:
            self.causes.append(sentence)

    def close(self, require: str = "") -> Judged:
        """Close every file, write verdict and summary, and return the verdict; `require` as `verdict.decide` has it."""
        about = self._about()
        for promise in about.broken_promises:
            self.cause(promise)
        self._guard("ledger.jsonl", self._close_ledger)
        for sink in self._sinks:
            self._guard(type(sink).__name__, sink.close)
        if self.plan.allure or self.plan.junit:
            self._reconcile()
        if self._allure:
            allure = self._allure
            self._guard("Allure", lambda: allure.describe(self.plan.run, about, self.causes, time.time()))
        self.duration_s = time.monotonic() - self._clock
        judged, page = self._judge(require), self.folder / "summary.md"
        self._guard(page.name, lambda: summary.write_markdown(page, self.lines, judged, self.duration_s))
        final = self._judge(require)
        self._guard("verdict.json", lambda: verdict.write(self.folder, self._run(), final, self.lines, about))
        return self._judge(require)

    def _run(self) -> Run:
        program = PurePath(sys.argv[0])
        name = program.parent.name if program.name == "__main__.py" else program.name
        command = shlex.join([name, *sys.argv[1:]])
        return Run(self.plan.run, command, datetime.fromtimestamp(self.started, UTC), self.duration_s, self._selection)

    def _close_ledger(self) -> None:
        if not self._ledger.close():
            self.cause(
                f"The files in {self.folder} were removed while the run wrote them, so run.log lacks its beginning: "
                "let no step and no hook but before_all remove them."
            )

    def _reconcile(self) -> None:
        from sparkproof.run.reconcile import differences

        for difference in differences(self.folder, self.lines, allure=self.plan.allure, junit=self.plan.junit):
            self.cause(difference)

    def _judge(self, require: str) -> Judged:
        return verdict.decide(self.lines, len(self.scenarios), self.causes, require)

    def _about(self) -> About:
        try:
            return self.plan.about()
        except Exception as broken:
            self.cause(f"What the run was against is not known: {sentence(broken)}")
            return About()

    def _guard(self, what: str, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as full:
            self.cause(f"{what} under {self.folder} could not be written: {full.strerror or full}.")


def _remove(old: Path) -> None:
    if old.is_dir() and not old.is_symlink():
        import shutil

        shutil.rmtree(old)
    else:
        old.unlink()
