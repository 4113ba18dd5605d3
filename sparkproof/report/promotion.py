"""What a run proved of one environment, and another run not of the next one: the same criteria, compared by title."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core.evidence import Level
from sparkproof.run import finished
from sparkproof.run.finished import Finished
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome

_VERSION = "spark."


@dataclass(frozen=True)
class Promotion:
    """The criteria whose proof differs, in sentences: `less` is what the later run proved less of, `more` the rest.

    `same` counts those that both runs proved alike, `unproved` those that both ran and neither proved.
    """

    before: Finished
    after: Finished
    less: Sequence[str]
    more: Sequence[str]
    same: int
    unproved: int

    @classmethod
    def of(cls, before: Finished, after: Finished) -> "Promotion":
        """Compare two runs; a criterion that the earlier one did not prove cannot be proved less."""
        old, new = by_title(before.lines), by_title(after.lines)
        less: list[str] = []
        more: list[str] = []
        same = unproved = 0
        for title in [*old, *(each for each in new if each not in old)]:
            was, now = old.get(title), new.get(title)
            had, has = _rank(was), _rank(now)
            if had != has or (was is None) != (now is None):
                (less if has < had else more).append(f"{title}: {_said(was)}, then {_said(now)}")
            elif had < 0:
                unproved += 1
            else:
                same += 1
        return cls(before, after, less, more, same, unproved)

    @property
    def page(self) -> str:
        """Two headed lists of sentences, and how many criteria were proved alike, and by neither run."""
        neither = f" Proved by neither: {self.unproved}." if self.unproved else ""
        parts = [
            f"Proved alike: {self.same}.{neither}",
            *_listed(f"Proved in {_named(self.before)} and less in {_named(self.after)}", self.less),
            *_listed("Other differences", self.more),
        ]
        return "\n".join(parts)


def read(before: Path, after: Path) -> Promotion:
    """Compare the finished runs in two folders; raises UsageError for a folder that has none."""
    return Promotion.of(finished.read(before), finished.read(after))


def by_title(lines: Sequence[Line]) -> Mapping[str, Line]:
    """Return the lines by name and version of Spark; those that are alike are numbered in the order of their ids."""
    seen: Counter[str] = Counter()
    found = {}
    for line in sorted(lines, key=lambda each: each.id):
        title = " ".join([line.name, *(f"@{tag}" for tag in sorted(line.tags) if tag.startswith(_VERSION))])
        seen[title] += 1
        found[f"{title} #{seen[title]}" if seen[title] > 1 else title] = line
    return found


def _rank(line: Line | None) -> int:
    """Return how strong a criterion's proof is; -1 for one that was not proved."""
    if line is None or line.outcome != Outcome.PASSED or not line.level:
        return -1
    return Level(line.level).rank


def _said(line: Line | None) -> str:
    if line is None:
        return "not selected"
    if line.outcome == Outcome.PASSED:
        return f"passed, {line.level}"
    return f"{line.outcome} ({line.reason})" if line.reason else line.outcome


def _named(run: Finished) -> str:
    return f"{run.folder} ({run.record.get('cluster') or 'no cluster'})"


def _listed(heading: str, sentences: Sequence[str]) -> list[str]:
    return ["", f"{heading}:", *(f"- {each}" for each in sentences)] if sentences else []
