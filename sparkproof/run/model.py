"""The features of a parallel run as the parent and its workers share them."""

from collections.abc import Sequence
from typing import NamedTuple

from behave.model import Feature, Rule, Scenario, ScenarioOutline

from sparkproof.run.faces import Arrangement, arrangement, look
from sparkproof.run.messages import entities


class Model(NamedTuple):
    """The features that the workers of a run share, as they were before the hooks of the first feature ran.

    `entities` are features and rules by number, `arranged` their items, `looks` those of the selected scenarios;
    `untouched` are the outlines whose rows behave makes to scenarios after the hooks.
    """

    scenarios: Sequence[Scenario]
    looks: Sequence[int]
    entities: Sequence[Feature | Rule]
    arranged: Sequence[Arrangement]
    untouched: Sequence[ScenarioOutline]

    @classmethod
    def of(
        cls, features: Sequence[Feature], scenarios: Sequence[Scenario], untouched: Sequence[ScenarioOutline]
    ) -> "Model":
        numbered = entities(features)
        arranged = [arrangement(entity) for entity in numbered]
        return cls(scenarios, [_look(scenario) for scenario in scenarios], numbered, arranged, untouched)


def _look(scenario: Scenario) -> int:
    """The look of a scenario whose background's steps behave copies when it is asked for them: not before the hooks."""
    lazy = scenario._background_steps is None
    seen = look(scenario)
    if lazy:
        scenario._background_steps = None
    return seen


class Place(NamedTuple):
    """Where a scenario stands that hooks added: an item of a feature or rule by number, one of its rows, its name."""

    entity: int
    item: int
    row: int
    name: str
