"""A finished run, read back from its folder, and what shows that its files are not those of one run."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sparkproof.core.errors import UsageError
from sparkproof.run import ledger, verdict
from sparkproof.run.fingerprint import fingerprint
from sparkproof.run.ledger import Line
from sparkproof.run.verdict import Verdict


@dataclass(frozen=True)
class Finished:
    """The verdict of a run, as verdict.json has it, and the lines of its ledger."""

    folder: Path
    record: Mapping[str, Any]
    lines: Sequence[Line]

    @property
    def run(self) -> str:
        """The id of the run; "" for a verdict that names none."""
        return str(self.record.get("run", ""))

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.record["verdict"])

    @property
    def causes(self) -> Sequence[str]:
        return list(self.record.get("causes", ()))

    @property
    def started(self) -> datetime | None:
        """The time when the run began; None for a verdict that does not say it."""
        said = self.record.get("started")
        return datetime.fromisoformat(said) if said else None

    @property
    def selection(self) -> Mapping[str, Any]:
        """What the run selected of what there is, as verdict.Selection has it."""
        return dict(self.record.get("selection") or {})

    def contradictions(self) -> Iterator[str]:
        """Yield one sentence for each thing that shows that verdict, ledger and reports are not one run's."""
        files = dict(self.record.get("files", {}))
        if not self.run or "ledger.jsonl" not in files:
            yield f"{self.folder / 'verdict.json'} names no run, so nothing ties it to the files beside it."
        for name, known in files.items():
            if known != (found := fingerprint(self.folder / name)):
                then, now = (f"{each['files']} with digest {each['sha256'][:12]}" for each in (known, found))
                yield f"{self.folder / name} is not what the run wrote: {then} then, {now} now."
        yield from self._lines()
        for what, count in verdict.counts(self.lines).items():
            if self.record.get(what) != count:
                yield f"{what}: the verdict has {_counted(self.record.get(what))}; the ledger has {_counted(count)}."
        selected = self.selection.get("selected", len(self.lines))
        decided = verdict.decide(self.lines, selected, self.causes).verdict
        if decided != self.verdict:
            yield f"The verdict is {self.verdict}; what the ledger holds is {decided}."

    def _lines(self) -> Iterator[str]:
        repeated = [each for each, count in Counter(line.id for line in self.lines).items() if count > 1]
        yield from (f"The ledger has more than one line for {each}." for each in repeated)
        foreign = sum(line.run != self.run for line in self.lines)
        if self.run and foreign:
            yield f"{foreign} of {len(self.lines)} lines of the ledger are not those of run {self.run}."


def read(folder: Path) -> Finished:
    """Return the finished run in `folder`; raises UsageError if there is none."""
    try:
        record = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
        found = Finished(folder, record, ledger.read(folder / "ledger.jsonl"))
        _ = found.verdict, found.started, found.selection, {**record.get("files", {})}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise UsageError(f"{folder} holds no finished run ({wrong}): run behave first, or name its folder.") from None
    return found


def _counted(count: Mapping[str, int] | int | None) -> str:
    if isinstance(count, Mapping):
        return ", ".join(f"{number} {name}" for name, number in count.items() if number) or "nothing"
    return "nothing" if count is None else str(count)
