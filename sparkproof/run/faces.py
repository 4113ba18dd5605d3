"""What hooks and steps may change of scenarios: names, tags, steps, tables, rows; and how it crosses to the parent.

A parent and its workers have parsed the same features. A worker sends what its hooks and steps made of them: the face
of a scenario that looks other than the parent's, and the arrangement of a feature or rule that has other scenarios.
"""

from typing import Any, NamedTuple

from behave.model import Feature, Row, Rule, Scenario, ScenarioOutline, Step, Table, Tag, Text

from sparkproof.run.outcome import readable

# The items of a feature or rule, each with the scenarios of its rows if it is an outline.
Arrangement = list[tuple[Any, tuple[Scenario, ...]]]

_OWN_NAMES = frozenset({"run"}).union(
    *(vars(kind("", 0, "", "")) for kind in (Feature, Rule, Scenario)), vars(Step("", 0, "", "", ""))
)

# What is nested deeper than this, or in itself, does not cross.
_DEPTH = 30


def look(scenario: Scenario) -> int:
    """A number that changes with what formatters and the ledger read of a scenario, equal in parent and worker."""
    steps = tuple([(step.keyword, step.name, step.text, _cells(step.table)) for step in scenario.all_steps])
    return hash((scenario.name, tuple(scenario.tags), steps))


def left_behind(thing: Any) -> dict[str, Any]:
    """The attributes that hooks have left on a scenario, step, feature or rule, as far as they can be sent."""
    found = {}
    if not vars(thing).keys() <= _OWN_NAMES:
        for name, value in vars(thing).items():
            if name not in _OWN_NAMES and sendable(value):
                found[name] = value
    return found


def sendable(value: Any, depth: int = _DEPTH) -> bool:
    """Return True for what any process can make of its bytes: plain values, and collections of them."""
    kind = type(value)  # an object may act when it is asked what it is
    if kind in (list, tuple, set, frozenset):
        return depth > 0 and all(sendable(one, depth - 1) for one in value)
    if kind is dict:
        return depth > 0 and all(sendable(one, depth - 1) for pair in value.items() for one in pair)
    return value is None or kind in (str, bytes, int, float, bool)


class StepFace(NamedTuple):
    """A step as text."""

    line: int
    keyword: str
    step_type: str
    name: str
    text: tuple[str, str, int] | None
    table: tuple[list[str], list[tuple[list[str], int]], int] | None

    @classmethod
    def of(cls, step: Step) -> "StepFace":
        table = None
        if step.table is not None:
            table = (list(map(readable, step.table.headings)), _rows(step.table), step.table.line)
        text = None
        if step.text is not None:
            text = (str(step.text), getattr(step.text, "content_type", "text/plain"), getattr(step.text, "line", 0))
        return cls(step.line, readable(step.keyword), step.step_type, readable(step.name), text, table)

    def make(self, filename: str) -> Step:
        text = None if self.text is None else Text(*self.text)
        table = None
        if self.table is not None:
            headings, rows, line = self.table
            table = Table(headings, line=line)
            table.rows = [Row(headings, cells, row_line) for cells, row_line in rows]
        return Step(filename, self.line, self.keyword, self.step_type, self.name, text, table)


class Face(NamedTuple):
    """A scenario or outline as text: all that is needed to make another one that looks the same."""

    is_outline: bool
    filename: str
    line: int
    keyword: str
    name: str
    tags: list[tuple[str, int]]
    description: list[str]
    uses_background: bool
    background: list[StepFace]
    steps: list[StepFace]
    skipped: bool
    skip_reason: str | None
    row: tuple[list[str], list[str], int] | None = None

    @classmethod
    def of(cls, scenario: Scenario) -> "Face":
        row = scenario._row
        is_outline = isinstance(scenario, ScenarioOutline)
        return cls(
            is_outline,
            scenario.filename,
            scenario.line,
            scenario.keyword,
            readable(scenario.name),
            [(readable(tag), getattr(tag, "line", 0)) for tag in scenario.tags],
            [str(line) for line in scenario.description],
            scenario.use_background,
            [StepFace.of(step) for step in scenario.background_steps],
            [StepFace.of(step) for step in scenario.steps],
            bool(scenario.should_skip),
            scenario.skip_reason and readable(scenario.skip_reason),
            (list(row.headings), list(row.cells), row.line) if row else None,
        )

    def put(self, scenario: Scenario) -> None:
        """Let `scenario` look like this."""
        scenario.name = self.name
        scenario.tags = [Tag(name, line) for name, line in self.tags]
        scenario.use_background = self.uses_background
        scenario._background_steps = [step.make(self.filename) for step in self.background]
        scenario.steps = [step.make(self.filename) for step in self.steps]

    def make(self, container: Feature | Rule, parent: Any) -> Scenario:
        """Make a scenario that looks like this in a feature or rule, below `parent`: that or an outline in it."""
        kind = ScenarioOutline if self.is_outline else Scenario
        scenario = kind(self.filename, self.line, self.keyword, self.name, description=self.description)
        scenario.parent = parent
        scenario.feature = container if isinstance(container, Feature) else container.feature
        scenario.background = container.background
        scenario.should_skip, scenario.skip_reason = self.skipped, self.skip_reason
        if self.row:
            headings, cells, line = self.row
            scenario._row = Row(headings, cells, line)
        self.put(scenario)
        return scenario


# What a worker sends of an arrangement: for each item its position among those that there were or its face, and the
# same of its rows.
Sent = list[tuple[int | Face, list[int | Face]]]


def arrangement(container: Feature | Rule) -> Arrangement:
    """The items of a feature or rule as they are now; the rows of outlines become scenarios."""
    return [(item, tuple(item.scenarios) if isinstance(item, ScenarioOutline) else ()) for item in container.run_items]


def arrange(container: Feature | Rule, arranged: Arrangement) -> None:
    """Give a feature or rule these items."""
    container.run_items[:] = [item for item, _ in arranged]
    container.scenarios[:] = [item for item, _ in arranged if not isinstance(item, Rule)]
    for item, rows in arranged:
        if isinstance(item, ScenarioOutline):
            item._scenarios = list(rows)
            for examples in item.examples:
                if examples.table is not None:
                    examples.table.modified = False


def settle(container: Feature | Rule, before: Arrangement) -> Sent | None:
    """Compare a feature or rule with what it was `before` the hooks; return None or its arrangement to be sent.

    Rows that were made anew and look the same are the scenarios that they were before.
    """
    rows_before = {id(item): rows for item, rows in before}
    for item, rows in arrangement(container):
        known = list(rows_before.get(id(item), ()))
        if rows and known:
            take_known(item, known)
    after = arrangement(container)
    if _identities(after) == _identities(before):
        return None
    positions = {id(item): number for number, (item, _) in enumerate(before)}
    sent: Sent = []
    for item, rows in after:
        places = {id(row): number for number, row in enumerate(rows_before.get(id(item), ()))}
        number = positions.get(id(item))
        if number is None and isinstance(item, Rule):
            continue  # the worker names it
        sent.append((Face.of(item) if number is None else number, [_place(row, places) for row in rows]))
    return sent


def rebuild(container: Feature | Rule, before: Arrangement, sent: Sent) -> Arrangement:
    """Make in the parent's feature or rule the arrangement that a worker has sent; return it."""
    after: Arrangement = []
    for what, rows in sent:
        known: tuple[Scenario, ...] = ()
        if isinstance(what, int):
            item, known = before[what]
        else:
            item = what.make(container, container)
        made = tuple(known[row] if isinstance(row, int) else row.make(container, item) for row in rows)
        after.append((item, made))
    arrange(container, after)
    return after


def take_known(outline: ScenarioOutline, known: list[Scenario]) -> None:
    """Let the rows of an outline that look as before be the `known` scenarios, also where they were made anew."""
    outline._scenarios = [_taken(row, known) for row in outline.scenarios]


def _identities(arranged: Arrangement) -> list[tuple[int, list[int]]]:
    return [(id(item), [id(row) for row in rows]) for item, rows in arranged]


def _place(row: Scenario, places: dict[int, int]) -> int | Face:
    return places[id(row)] if id(row) in places else Face.of(row)


def _taken(row: Scenario, known: list[Scenario]) -> Scenario:
    """The scenario that `row` is: one of the `known`, which is taken out of them, or itself."""
    for number, one in enumerate(known):
        if _is_same(row, one):
            return known.pop(number)
    return row


def _is_same(row: Scenario, known: Scenario) -> bool:
    return row is known or (
        row.line == known.line
        and row.description == known.description
        and row.should_skip == known.should_skip
        and look(row) == look(known)
    )


def _cells(table: Table | None) -> tuple[Any, ...] | None:
    return None if table is None else (tuple(table.headings), *(tuple(row.cells) for row in table.rows))


def _rows(table: Table) -> list[tuple[list[str], int]]:
    return [(list(map(readable, row.cells)), row.line) for row in table.rows]
