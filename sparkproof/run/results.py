"""Gathers the attempts of a run and writes its results: ledger, run.log, Allure, JUnit, summary, verdict."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from behave.model import Scenario

from sparkproof.core import clock
from sparkproof.core.evidence import Record
from sparkproof.run import changes, summary, timeline, verdict
from sparkproof.run.attempt import Attempt
from sparkproof.run.claim import claim
from sparkproof.run.ledger import Ended, Ledger, Line, line
from sparkproof.run.log import Log
from sparkproof.run.outcome import Outcome, readable, sentence
from sparkproof.run.plan import About, Plan
from sparkproof.run.selection import Selected
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
        self._shown = folder
        # A step may change the working directory.
        self.folder = folder = folder.absolute()
        self.causes: list[str] = []
        self.started = clock.now()
        self.selection = Selected()
        self.plan = Plan()
        self.duration_s = 0.0
        self._began = clock.elapsed()
        self._paths: Sequence[str] = ()
        self._together: list[Ended] | None = None
        # The lines of attempts that are to be repeated, by the number of their scenarios.
        self._earlier: dict[int, Line] = {}
        self._sinks: list[Sink] = []
        self._allure: Allure | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._claim = claim(folder)
        changes.keep(folder)
        for pattern in _MADE_BY_A_RUN:
            for old in folder.glob(pattern):
                _remove(old)
        (folder / "ledger.jsonl").touch()
        self._ledger = Ledger(folder / "ledger.jsonl")
        self._lasting = {"ledger.jsonl": self._ledger.file}

    def open(self, paths: Sequence[str], plan: Plan) -> None:
        """Open what the plan asks for beside the ledger; `paths` are the files that behave was given."""
        self.plan = plan
        self._paths = [os.path.relpath(path) for path in paths]
        log = Log(self.folder / "run.log", plan.run)
        self._sinks.append(log)
        self._lasting["run.log"] = log.file
        self.timeline = TimelineWriter(self.folder / timeline.FILE, plan, self.started)
        self._sinks.append(self.timeline)
        if plan.allure:
            from sparkproof.run.allure import Allure

            self._allure = Allure(self.folder / "allure-results")
            self._sinks.append(self._allure)
        if plan.junit:
            from sparkproof.run.junit import JUnit

            self._sinks.append(JUnit(self.folder / "junit", plan.run))

    def add(self, attempt: Attempt, *, last: bool = True) -> None:
        """Keep an attempt; the `last` one of a scenario becomes its line in the ledger."""
        scenario = self.selection.scenarios[attempt.index]
        entry = line(self.selection.ids[attempt.index], self.plan, scenario, attempt)
        if last:
            self._guard("ledger.jsonl", lambda: self._ledger.add(entry))
        else:
            self._earlier[attempt.index] = entry
        for sink in self._sinks:
            self._guard(type(sink).__name__, lambda sink=sink: sink.add(scenario, entry, attempt))  # type: ignore[misc]
        if self._together is not None:
            self._together.append((entry, not last))

    @contextmanager
    def at_once(self, tell: Callable[[Sequence[Ended]], object]) -> Iterator[None]:
        """Write the attempts that are added in this block in one go at its end, and tell of them."""
        for file in self._lasting.values():
            file.held = True
        ended: list[Ended] = []
        self._together = ended
        try:
            yield
        finally:
            self._together = None
            for name, file in self._lasting.items():
                self._guard(name, file.release)
        if ended:
            tell(ended)

    def lost(self, index: int, outcome: Outcome, reason: str) -> None:
        """Give the scenario number `index` its line although it did not run.

        One that the run did not come to repeat has run: it ends as its last attempt did.
        """
        earlier = self._earlier.get(index)
        if earlier and outcome is Outcome.NOT_RUN:
            self._guard("ledger.jsonl", lambda: self._ledger.add(earlier))
            return
        number = earlier.attempts + 1 if earlier else 1
        self.add(Attempt(index, number, outcome, reason, clock.now(), 0.0, Record()))

    def ended(self, index: int) -> bool:
        """Return True if the scenario number `index` has its line."""
        return self.selection.ids[index] in self._ledger

    @property
    def lines(self) -> list[Line]:
        """The ledger so far, in the order in which scenarios ended."""
        return self._ledger.lines

    def cause(self, sentence: str) -> None:
        """Note what went wrong beyond single scenarios; any cause makes the run a failure."""
        sentence = readable(sentence)
        if sentence not in self.causes:
            self.causes.append(sentence)

    def close(self, require: str = "") -> Judged:
        """Close every file, write verdict and summary, and return the verdict; `require` as `verdict.decide` has it."""
        # A hook may have removed the folder.
        self._guard("The folder", lambda: self.folder.mkdir(parents=True, exist_ok=True))
        about = self._about()
        for promise in about.broken_promises:
            self.cause(promise)
        self._guard("ledger.jsonl", self._close_ledger)
        for sink in self._sinks:
            self._guard(type(sink).__name__, sink.close)
        if self.plan.allure or self.plan.junit:
            self._guard("The comparison of results", self._reconcile)
        if self._allure:
            allure = self._allure
            self._guard("Allure", lambda: allure.describe(self.plan.run, about, self.causes, clock.now()))
        self.duration_s = clock.elapsed() - self._began
        judged, page = self._judge(require), self.folder / "summary.md"
        self._guard(page.name, lambda: summary.write_markdown(page, self.lines, judged, self.duration_s))
        final = self._judge(require)
        self._guard("verdict.json", lambda: verdict.write(self.folder, self._run(), final, self.lines, about))
        return self._judge(require)

    def _run(self) -> Run:
        program = PurePath(sys.argv[0])
        name = program.parent.name if program.name == "__main__.py" else program.name
        command = shlex.join([name, *sys.argv[1:]])
        started = datetime.fromtimestamp(self.started, UTC)
        return Run(self.plan.run, command, started, self.duration_s, self._what_was_selected())

    def _what_was_selected(self) -> Selection:
        selected = self.selection
        every = [*selected.scenarios, *selected.others.values()]
        return Selection(
            paths=self._paths,
            scenarios=len(selected) + len(selected.others),
            selected=len(selected),
            tags=sorted({str(tag) for scenario in every for tag in scenario.effective_tags}),
            groups=sorted({self.plan.group(scenario) for scenario in every}),
            not_selected=list(selected.others),
        )

    def _close_ledger(self) -> None:
        if not self._ledger.close():
            self.cause(
                f"The files in {self._shown} were removed while the run wrote them: let no step and no hook but "
                "before_all remove them."
            )

    def _reconcile(self) -> None:
        from sparkproof.run.reconcile import differences

        for difference in differences(self.folder, self.lines, allure=self.plan.allure, junit=self.plan.junit):
            self.cause(difference)

    def _judge(self, require: str) -> Judged:
        return verdict.decide(self.lines, len(self.selection), self.causes, require)

    def _about(self) -> About:
        try:
            return self.plan.about()
        except (Exception, SystemExit) as broken:
            self.cause(f"What the run was against is not known: {sentence(broken)}")
            return About()

    def _guard(self, what: str, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as full:
            self.cause(f"{what} under {self._shown} could not be written: {full.strerror or full}.")
        except Exception as broken:
            self.cause(f"{what} under {self._shown} could not be written: {sentence(broken)}.")


def _remove(old: Path) -> None:
    if old.is_dir() and not old.is_symlink():
        import shutil

        shutil.rmtree(old)
    else:
        old.unlink()
