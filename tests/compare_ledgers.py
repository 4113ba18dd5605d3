"""Compares two runs' reports/ledger.jsonl: python -m tests.compare_ledgers BEFORE.jsonl AFTER.jsonl

Scenarios are matched by their title and Spark's version, so a criterion may change its file and its other tags. Prints
what differs in outcome, level and proofs, and exits 1 if anything does. Proofs are in Allure's results beside a ledger;
without these on either side they are not compared, and a line says so.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.report.promotion import by_title
from sparkproof.run import ledger

# The name that the runner gives the attachment with one line for each proof: "executed: 7 rows were as expected".
_PROOFS = "what was seen"


@dataclass(frozen=True)
class Result:
    """What is compared of a scenario; `proofs` are the levels of its proofs in order, None if they are not known."""

    outcome: str
    level: str | None
    proofs: tuple[str, ...] | None

    def differences(self, other: "Result") -> Iterator[str]:
        """One phrase for each thing that differs."""
        if self.outcome != other.outcome:
            yield f"outcome {self.outcome} -> {other.outcome}"
        if self.level != other.level:
            yield f"level {self.level or 'none'} -> {other.level or 'none'}"
        if self.proofs is not None and other.proofs is not None and self.proofs != other.proofs:
            yield f"proofs {_counted(self.proofs)} -> {_counted(other.proofs)}"


Results = Mapping[str, Result]


def main(arguments: Sequence[str]) -> int:
    """Print the differences of two ledgers; return 1 if there are any, 2 if a ledger cannot be read."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    paths = [Path(argument) for argument in arguments]
    try:
        before, after = map(read, paths)
    except (OSError, ValueError, TypeError) as wrong:
        print(f"A ledger cannot be read: {wrong}", file=sys.stderr)
        return 2
    found = list(compare(before, after))
    print("\n".join(found) or f"{len(before)} scenarios have the same results.")
    for path, results in zip(paths, (before, after), strict=True):
        if all(result.proofs is None for result in results.values()):
            print(f"Proofs are not compared: there are no Allure results beside {path}.")
    return 1 if found else 0


def compare(before: Results, after: Results) -> Iterator[str]:
    """One sentence for each scenario that is missing, new or different."""
    for title in sorted(before.keys() | after.keys()):
        if title not in after:
            yield f"{title}: missing, was {before[title].outcome}"
        elif title not in before:
            yield f"{title}: new, {after[title].outcome}"
        elif differences := list(before[title].differences(after[title])):
            yield f"{title}: {', '.join(differences)}"


def read(path: Path) -> dict[str, Result]:
    """The results of a ledger by title and version; equal ones are numbered in the order of their ids."""
    proofs = _proofs(path.parent / "allure-results")
    return {
        title: Result(line.outcome, line.level, proofs.get(line.id, ()) if proofs else None)
        for title, line in by_title(ledger.read(path)).items()
    }


def _proofs(folder: Path) -> dict[str, tuple[str, ...]]:
    """The levels of the proofs of each scenario's last attempt, by its id in the ledger."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for path in folder.glob("*-result.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        identity = next(label["value"] for label in result["labels"] if label["name"] == "ledger")
        sources = [each["source"] for each in result.get("attachments", []) if each["name"] == _PROOFS]
        levels = [line.partition(":")[0] for source in sources for line in (folder / source).read_text().splitlines()]
        found[identity] = max(found.get(identity, (0, ())), (result["start"], tuple(levels)))
    return {identity: levels for identity, (_, levels) in found.items()}


def _counted(levels: Sequence[str]) -> str:
    return ", ".join(f"{count} {level}" for level, count in Counter(levels).items()) or "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
