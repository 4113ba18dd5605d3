"""Steps run on stand-ins: every word of a phrase and every cell of its table reaches what the step asks for."""

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest

from sparkproof.suite import phrases

Step = Callable[..., None]
# Values that reach what is asked for in another form: by step and parameter, how they are seen in all that is asked.
OTHERWISE: dict[tuple[str, str], Callable[[str, int], bool]] = {
    ("came_within_minutes", "minutes"): lambda asked, minutes: bool(re.search(rf"\b{60 * minutes}\b", asked)),
    ("the_data_team_submits_applications_at_once", "count"): lambda asked, count: (
        asked.count("unused_table ((") == count
    ),
}


class StandIn:
    """Stands in for whatever a step uses; it notes each call of it and of what it gives, with the values."""

    _calls: list[tuple[str, Any]]

    def __init__(self, name: str, calls: list[tuple[str, Any]]) -> None:
        vars(self).update(_name=name, _calls=calls, _known={})

    def __getattr__(self, name: str) -> "StandIn":
        if name.startswith("__"):
            raise AttributeError(name)
        return vars(self)["_known"].setdefault(name, StandIn(f"{self!r}.{name}", self._calls))  # type: ignore[no-any-return]

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_known"][name] = value
        self._calls.append((f"{self!r}.{name} =", value))

    def __call__(self, *given: Any, **named: Any) -> "StandIn":
        self._calls.append((repr(self), (given, named)))
        return StandIn(f"{self!r}()", self._calls)

    def __getitem__(self, key: Any) -> "StandIn":
        self._calls.append((f"{self!r}[]", key))
        return StandIn(f"{self!r}[{key!r}]", self._calls)

    def __iter__(self) -> Iterator["StandIn"]:
        yield from (StandIn(f"{self!r}[{number}]", self._calls) for number in range(len(self)))

    def __len__(self) -> int:
        return 2

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave what was entered."""

    def __repr__(self) -> str:
        return str(vars(self)["_name"])


class Row:
    """A row of a table: each cell is a number that nothing else has, and `read` are those that a step has looked at."""

    def __init__(self, number: int) -> None:
        self.number, self.read = number, dict[str | int, str]()

    def __getitem__(self, column: str | int) -> str:
        return self.read.setdefault(column, str(8000 + 100 * self.number + len(self.read)))

    def __repr__(self) -> str:
        return f"row {self.number}"


def values(step: Step, calls: list[tuple[str, Any]]) -> dict[str, Any]:
    """A value for each parameter of a step, which nothing else has."""
    hints = typing.get_type_hints(step)
    found: dict[str, Any] = {}
    for number, name in enumerate(inspect.signature(step).parameters):
        kind = hints.get(name)
        value = 7001 + number
        if kind in (int, float):
            found[name] = value
        elif kind is str:
            found[name] = str(value)
        elif name != "context":
            found[name] = StandIn(str(value), calls)
    return found


def run(step: Step) -> tuple[str, dict[str, Any], list[Row]]:
    """Run a step on stand-ins; return all that was asked of them as text, the values, and the table."""
    calls: list[tuple[str, Any]] = []
    given, table = values(step, calls), [Row(1), Row(2)]
    context = StandIn("context", calls)
    vars(context)["_known"] |= {"table": table, "text": "9001"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in list(step.__globals__.items()):
            if not name.startswith("__") and name != step.__name__ and _is_ours(value):
                patched.setitem(step.__globals__, name, StandIn(name, calls))
        step(context, **given)
    return "\n".join(f"{name} {asked!r}" for name, asked in calls), given, table


def _is_ours(value: Any) -> bool:
    """True for what a step module has of the suite, and for its tables of words."""
    if isinstance(value, Mapping):
        return True
    where = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return str(where).startswith("sparkproof.")


@pytest.fixture(autouse=True, scope="module")
def _steps() -> None:
    phrases.load()


def every() -> list[Step]:
    return list({phrase.function.__name__: phrase.function for phrase in phrases.every()}.values())


def lost(step: Step) -> list[str]:
    """Return the parameters, and the cells of the table's two rows, that reach nothing which the step asks for."""
    asked, given, table = run(step)

    def reaches(name: str, value: Any) -> bool:
        otherwise = OTHERWISE.get((step.__name__, name))
        return otherwise(asked, value) if otherwise else str(value) in asked

    reached = [row for row in table if row.read or str(row) in asked]
    cells = [f"row {row.number}: {column}" for row in table for column, cell in row.read.items() if cell not in asked]
    rows = ["the other row"] if len(reached) == 1 else []
    return [*(name for name, value in given.items() if not reaches(name, value)), *cells, *rows]


def test_each_value_of_a_phrase_and_each_row_of_its_table_reach_what_its_step_asks_for() -> None:
    found = {step.__name__: lost(step) for step in every()}
    assert len(found) > 450
    assert {name: words for name, words in found.items() if words} == {}


# What changes a platform that others use after the scenario.
BEGINS = re.compile(
    r"((\(\)|context\.\w+)\.(begin|limit_executors|delete_schedule|withdraw)"
    r"|kueue\.stop|\.pause|publication\.change) \("
)


def test_whatever_changes_a_platform_is_undone_however_its_scenario_ends() -> None:
    asked = {step.__name__: run(step)[0] for step in every()}
    begun = {name: (words, found.start()) for name, words in asked.items() if (found := BEGINS.search(words))}
    assert {
        "the_platform_operator_stops_kueue",
        "the_workers_are_lost_and_the_quota_has_no_room_for_others",
    } <= begun.keys()
    assert [name for name, (words, at) in begun.items() if "context.add_cleanup (" not in words[:at]] == []


# Two platforms of which a step asks the same.
BOTH = {
    "each_platforms_executors_are_its_own": ("Executors.of ((context.platform,)", "Executors.of ((context.second,)")
}


@pytest.mark.parametrize("name", BOTH)
def test_a_step_about_two_platforms_asks_both(name: str) -> None:
    asked, _, _ = run(next(step for step in every() if step.__name__ == name))
    assert all(each in asked for each in BOTH[name])


# What a step asks for first, and what it asks for then: an answer that is read too early, or since another moment.
THEN = {
    "the_reader_saw_only_whole_commits": ("context.reader.finish (", "must_have_seen_whole_commits ("),
    "the_reader_saw_trips_that_nobody_has_committed": ("context.reader.finish (", "must_have_seen_more ("),
    "the_driver_and_the_executors_went_on_and_each_answer_was_right": (
        "context.team_objects.must_have_gone_on (",
        "must_have_been_answered ((context.restored.lost_at, context.restored.back_at)",
    ),
}


@pytest.mark.parametrize("name", THEN)
def test_a_step_asks_in_the_order_and_since_the_moment_that_make_the_answer_true(name: str) -> None:
    asked, _, _ = run(next(step for step in every() if step.__name__ == name))
    first, then = THEN[name]
    assert -1 < asked.find(first) < asked.find(then)


def each_row(context: Any, kind: str, count: int) -> None:  # noqa: ARG001
    """A step that forgets one of its values, and all rows but the first."""
    context.orders.must_have(kind, [row["words"] for row in context.table[:1]])


def whole(context: Any, kind: str) -> None:
    """A step that gives the first row as it is."""
    context.orders.must_have(kind, context.table[:1])


def column(context: Any) -> None:
    """A step that looks at a column and does nothing with it."""
    context.orders.must_have([row["words"] for row in context.table if row["kind"]])


def test_what_a_step_forgets_is_seen() -> None:
    assert lost(each_row) == ["count", "the other row"]
    assert lost(whole) == ["the other row"]
    assert lost(column) == ["row 1: kind", "row 2: kind"]
