"""Verdicts on tables: what became of each rule, and on which Spark it was judged."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import last_words
from sparkproof.spark.platform import Platform

KEPT, BROKEN, ERROR = "kept", "broken", "error"
# What a program that judges ends with.
_EXIT_CODES = {KEPT: 0, BROKEN: 3, ERROR: 4}
# So many rows are named in a sentence.
_NAMED = 10
# The column by which the rules of orders name rows.
KEY = "id"


@dataclass(frozen=True)
class Rule:
    """What became of one rule `on` columns: kept, broken or error, how many rows broke it, and which by their key."""

    rule: str
    on: str
    outcome: str
    unexpected: int | None
    keys: Sequence[Mapping[str, Any]]
    observed: Any
    error: str | None

    @property
    def numbers(self) -> list[Any]:
        """The keys of the rows that broke the rule."""
        return [key[KEY] for key in self.keys]

    @property
    def named(self) -> str:
        """The keys of the rows that broke the rule, in words; "" where rows are not counted.

        Where the count is not that of the keys, it stands before them.
        """
        keys = ", ".join("NULL" if number is None else str(number) for number in self.numbers)
        return keys if len(self.keys) == (self.unexpected or 0) else f"{self.unexpected} rows, {keys}"

    @property
    def words(self) -> str:
        """What became of it, in a sentence that names the first rows only."""
        if self.outcome == ERROR:
            return f"{self.rule} on {self.on} cannot be judged: {self.error}"
        if self.outcome == BROKEN and self.unexpected is not None:
            return f"{self.rule} on {self.on} is broken by {self.unexpected} rows, {_few(self.keys)}"
        return f"{self.rule} on {self.on} is {self.outcome}"


@dataclass(frozen=True)
class Verdict(evidence.Brought):
    """A verdict on `table`: its rules, none if nothing could be judged, and what its user saw.

    `tag` is the job tag by which its work is found on Spark, `folder` that of its pages, if it has some.
    """

    table: str
    tag: str
    exit_code: int
    rules: Sequence[Rule] = field(repr=False)
    said: str = field(repr=False)
    folder: str = ""

    @property
    def trouble(self) -> str | None:
        """What is not as it should be: broken rules, or rules that could not be judged."""
        return None if self.exit_code == 0 else f"The verdict on {self.table} ended with {self.exit_code}"

    @property
    def to_read(self) -> str | None:
        """The number of rules that were judged."""
        return f"{self.table} was judged by {len(self.rules)} rules"

    def evidence(self) -> None:
        """Keep the verdict."""
        evidence.attach(f"the verdict on {self.table}", "\n".join(map(str, self.rules)) or self.said)

    def must_keep(self, count: int) -> None:
        """Check that so many rules were judged and that the table keeps them all."""
        evidence.look_at(self)
        kept = [rule for rule in self.rules if rule.outcome == KEPT]
        if self.exit_code != _EXIT_CODES[KEPT] or not len(kept) == len(self.rules) == count:
            raise CheckFailed(f"{self.table} does not keep {count} rules, but {len(kept)}: {self._unkept}")
        evidence.prove(Level.EXECUTED, f"{self.table} keeps {count} rules", verdict=self._shown)

    def must_break(self, rule: str, on: str, numbers: Sequence[Any]) -> None:
        """Check that the table breaks one rule alone, and that just the orders of these numbers do."""
        evidence.look_at(self)
        broken = [each for each in self.rules if each.outcome == BROKEN]
        if self.exit_code != _EXIT_CODES[BROKEN] or [(each.rule, each.on) for each in broken] != [(rule, on)]:
            raise CheckFailed(f"{self.table} does not break {rule} on {on} alone: {self._unkept}")
        (found,) = broken
        if found.unexpected != len(numbers) or found.numbers != list(numbers):
            raise CheckFailed(
                f"{rule} on {on} is broken by {found.unexpected} rows, {_few(found.numbers)}; expected {_few(numbers)}."
            )
        evidence.prove(Level.EXECUTED, f"{rule} on {on} is broken by {numbers} alone", verdict=self._shown)

    def must_break_just(self, expected: Iterable[Mapping[str, str]]) -> None:
        """Check which rules are broken, and by which orders ("2, 2", "NULL", "" where rows are not counted)."""
        evidence.look_at(self)
        broken = [each for each in self.rules if each.outcome == BROKEN]
        found = sorted((each.rule, each.on, each.named) for each in broken)
        wanted = sorted((row["rule"], row["on"], row["orders"]) for row in expected)
        if self.exit_code != _EXIT_CODES[BROKEN] or found != wanted:
            beside, missing = (
                "; ".join(
                    f"{rule} on {on} by {named or 'the whole'}"
                    for rule, on, named in ones
                    if (rule, on, named) not in others
                )
                for ones, others in ((found, wanted), (wanted, found))
            )
            raise CheckFailed(
                f"{self.table} breaks {beside or 'nothing more'}; expected {missing or 'not that'}. {self._unkept}"
            )
        evidence.prove(Level.EXECUTED, f"{self.table} breaks just these {len(found)} rules", verdict=self._shown)

    def must_be_an_error(self, on: str) -> None:
        """Check that the rule on this column could not be judged, that the error names it, and that no data is bad."""
        evidence.look_at(self)
        wrong = [rule for rule in self.rules if rule.outcome == ERROR]
        bad = [rule.on for rule in self.rules if rule.outcome == BROKEN]
        if self.exit_code != _EXIT_CODES[ERROR] or bad or [rule.on for rule in wrong] != [on]:
            raise CheckFailed(f"The rule on {on} is not the only one that cannot be judged: {self._unkept}")
        if on not in str(wrong[0].error):
            raise CheckFailed(f"The rule on {on} cannot be judged, and the error does not name it: {wrong[0].error}")
        evidence.prove(Level.EXECUTED, f"The rule on {on} could not be judged", error=str(wrong[0].error))

    def must_be(self, expected: Iterable[Mapping[str, str]]) -> None:
        """Check what became of each rule: its outcome, and how many rows broke it ("" where rows are not counted)."""
        evidence.look_at(self)
        found = sorted((each.rule, each.on, each.outcome, _count(each.unexpected)) for each in self.rules)
        wanted = sorted((row["rule"], row["on"], row["outcome"], row["rows"]) for row in expected)
        if found != wanted:
            beside, missing = (
                "; ".join(_words(*each) for each in sorted((Counter(ones) - Counter(others)).elements()))
                for ones, others in ((found, wanted), (wanted, found))
            )
            raise CheckFailed(
                f"The verdict on {self.table} says {beside or 'nothing more'}; expected {missing or 'not that'}."
            )
        evidence.prove(Level.EXECUTED, f"The {len(found)} rules judge {self.table} as expected", verdict=self._shown)

    def must_be_of(self, platform: Platform) -> None:
        """Check that executors of the platform's own Spark judged, for one user's session of its Connect server."""
        evidence.look_at(self)
        sessions = platform.history.sessions(self.tag)
        if len(sessions) != 1:
            raise CheckFailed(
                f"The verdict on {self.table} is of the sessions {sorted(sessions) or 'of nobody'}, not one."
            )
        platform.history.must_have_run_on_executors(self.tag)

    def must_leave_nothing(self, platform: Platform) -> None:
        """Check that Spark judged the table and keeps nothing of it in memory."""
        self._must_have_left(platform, nothing=True)

    def must_leave_the_table(self, platform: Platform) -> None:
        """Check that Spark judged the table and still keeps it in memory."""
        self._must_have_left(platform, nothing=False)

    def _must_have_left(self, platform: Platform, *, nothing: bool) -> None:
        evidence.look_at(self)
        if not platform.history.jobs(self.tag):
            raise CheckFailed(f"Spark knows no job of the verdict on {self.table}, so it could leave nothing.")
        left = platform.history.in_memory(self.table)
        if bool(left) is nothing:
            kept = "keeps" if left else "keeps nothing of"
            named = f": {', '.join(left)}" if left else ""
            raise CheckFailed(f"Spark {kept} {self.table} in memory after the verdict{named}.")
        evidence.prove(Level.EXECUTED, f"After the verdict Spark keeps {left or 'nothing'} of {self.table} in memory")

    @property
    def _shown(self) -> str:
        return "\n".join(map(str, self.rules))

    @property
    def _unkept(self) -> str:
        """What became of the rules that are not kept, or what the user saw where there are none."""
        return "; ".join(rule.words for rule in self.rules if rule.outcome != KEPT) or self._last

    @property
    def _last(self) -> str:
        return last_words(self.said)


def _words(rule: str, on: str, outcome: str, rows: str) -> str:
    return f"{rule} on {on} is {outcome}" + (f", by {rows} rows" if rows and outcome == BROKEN else "")


def _count(rows: int | None) -> str:
    return "" if rows is None else str(rows)


def _few(rows: Sequence[Any]) -> str:
    """Return the first of these rows, and how many more there are."""
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f"{list(rows[:_NAMED])}{more}"
