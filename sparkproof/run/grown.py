"""What a worker's hooks and steps make of its features while they run, beyond what the first hooks of each made.

behave runs what a step adds to the feature, and what a hook selects by a tag: so does a parallel run. What steps do to
scenarios that other workers run, or to the list of features, cannot be followed and is named.
"""

from collections.abc import Iterator
from typing import Any

from behave import runner as behave_runner
from behave.model import Feature, Rule, Scenario, ScenarioOutline
from behave.model_type import Status

from sparkproof.run.faces import Arrangement, Face, take_known
from sparkproof.run.model import Model, Place
from sparkproof.run.selection import outlines

# A scenario by its number; one that hooks or steps have added by its line and name.
Key = int | tuple[int, str]
# A scenario that came up, with where it stands.
Added = tuple[Place, Face]
_ON_THE_WAY_IN = frozenset(("before_feature", "before_rule", "before_tag"))


class Grown:
    """Compares the features of one worker with what they were when it opened them."""

    def __init__(self, runner: behave_runner.Runner, model: Model) -> None:
        self._runner = runner
        self._model = model
        self._selected = {id(scenario): index for index, scenario in enumerate(model.scenarios)}
        self._numbers = {id(entity): number for number, entity in enumerate(model.entities)}
        self._items: dict[int, int] = {}
        self._outlines: dict[int, list[ScenarioOutline]] = {}
        self._known: dict[int, set[int]] = {}
        self._stamps: dict[int, dict[int, tuple[Any, ...]]] = {}
        self._ran: set[int] = set()
        self._features = len(runner.features)

    def opened(self, number: int, entity: Feature | Rule) -> list[Place]:
        """Keep what there is when the first hooks of a feature or rule have run; return what they have selected."""
        rows = list(_rows(entity))
        self._items[number] = len(entity.run_items)
        self._outlines[number] = [item for item in entity.run_items if isinstance(item, ScenarioOutline)]
        self._known[number] = {id(scenario) for _, _, scenario in rows}
        self._stamps[number] = {id(scenario): _stamp(scenario) for _, _, scenario in rows}
        if not _ON_THE_WAY_IN & self._runner.hooks.keys():
            return []
        inside = (entity, *entity.rules) if isinstance(entity, Feature) else (entity,)
        woken = []
        for container in inside:
            if (place := self._numbers.get(id(container))) is None:
                continue
            parsed = {id(one) for item, lines in self._model.arranged[place] for one in lines or (item,)}
            woken += [
                Place(place, item, row, scenario.name)
                for item, row, scenario in _rows(container)
                if id(scenario) in parsed and id(scenario) not in self._selected and self._runs(scenario)
            ]
        return woken

    def at(self, entity: Feature | Rule, place: Place) -> Scenario | None:
        """The scenario at `place`, or of its name and not run yet elsewhere: hooks may order a feature by chance."""
        rows = [row for row in _rows(entity) if row[2].name == place.name]
        for item, row, scenario in rows:
            if (item, row) == (place.item, place.row):
                return scenario
        return next((scenario for _, _, scenario in rows if id(scenario) not in self._ran), None)

    def ran(self, scenario: Scenario) -> list[Added]:
        """Return the scenarios that have come up in the feature and rule of one that has run."""
        self._ran.add(id(scenario))
        added: list[Added] = []
        entity = scenario.parent
        while entity is not None:
            number = self._numbers.get(id(entity))
            if number in self._items and self._has_grown(number, entity):
                added += self._new(number, entity)
            entity = entity.parent
        return added

    def learn(self, feature: Feature, elsewhere: dict[Key, int]) -> None:
        """Give the scenarios that have not run here the status that they have elsewhere, for the last hooks to see."""
        for scenario in feature.walk_scenarios():
            if id(scenario) not in self._ran:
                key = self._selected.get(id(scenario), (scenario.line, scenario.name))
                scenario.set_status(Status(elsewhere.get(key, Status.skipped.value)))
        for outer in (*outlines([feature]), *feature.rules, feature):
            outer.clear_status()

    def closing(self, number: int, entity: Feature | Rule) -> str:
        """Return what steps did to scenarios of other workers, in a sentence; "" if nothing is seen."""
        before = self._stamps.pop(number, {})
        changed = [
            scenario.name
            for _, _, scenario in _rows(entity)
            if id(scenario) not in self._ran and before.get(id(scenario), _stamp(scenario)) != _stamp(scenario)
        ]
        if not changed:
            return ""
        return (
            f"Hooks or steps of other scenarios changed {', '.join(changed)} of {entity.name!r} on one worker, and "
            "another one ran it as it was: let before_feature change it, or use -j 1."
        )

    def features(self) -> str:
        """Return what was added to the list of features, in a sentence; "" if nothing was."""
        added = [str(feature.name) for feature in self._runner.features[self._features :]]
        return f"Hooks or steps added features, which only -j 1 runs: {', '.join(added)}." if added else ""

    def _has_grown(self, number: int, entity: Feature | Rule) -> bool:
        if len(entity.run_items) != self._items[number]:
            return True
        return any(outline._is_any_example_table_modified() for outline in self._outlines[number])

    def _new(self, number: int, entity: Feature | Rule) -> Iterator[Added]:
        self._items[number] = len(entity.run_items)
        for outline in self._outlines[number]:
            if outline._is_any_example_table_modified():
                take_known(outline, list(outline._scenarios))
        known = self._known[number]
        for item, row, scenario in _rows(entity):
            if id(scenario) not in known:
                known.add(id(scenario))
                if self._runs(scenario):
                    yield Place(number, item, row, scenario.name), Face.of(scenario)

    def _runs(self, scenario: Scenario) -> bool:
        return bool(scenario.should_run(self._runner.config))


def only_alone(entity: Feature | Rule, before: Arrangement) -> Iterator[str]:
    """Yield a sentence for each rule that a hook has added, and for what it has put there twice."""
    items = {id(item) for item, _ in before}
    seen: set[int] = set()
    for item in entity.run_items:
        if id(item) in seen:
            yield f"A hook put {item.name!r} into {entity.name!r} twice, which only -j 1 runs twice: add a copy."
        elif isinstance(item, Rule) and id(item) not in items:
            yield f"A hook added the rule {item.name!r} to {entity.name!r}, which only -j 1 runs."
        seen.add(id(item))


def _rows(entity: Feature | Rule) -> Iterator[tuple[int, int, Scenario]]:
    """The scenarios of a feature or rule itself, each with the number of its item and of its row."""
    for number, item in enumerate(entity.run_items):
        if isinstance(item, ScenarioOutline):
            yield from ((number, row, scenario) for row, scenario in enumerate(item.scenarios))
        elif isinstance(item, Scenario):
            yield number, 0, item


def _stamp(scenario: Scenario) -> tuple[Any, ...]:
    return scenario.name, len(scenario.steps), len(scenario.tags)
