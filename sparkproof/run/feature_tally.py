"""The features and rules of a parallel run by number, and how many scenarios of each feature have not ended."""

from collections import Counter
from collections.abc import Sequence

from behave import runner as behave_runner
from behave.model import Feature, Rule, Scenario

from sparkproof.run.messages import entities

Orders = list[tuple[str, int]]


class FeatureTally:
    """Counts the selected scenarios that are left in each feature, and makes the orders that run hooks."""

    def __init__(self, runner: behave_runner.Runner, scenarios: Sequence[Scenario]) -> None:
        self.entities = entities(runner.features)
        self.known = len(scenarios)
        self._config = runner.config
        self._scenarios = scenarios
        self._selected = {id(scenario) for scenario in scenarios}
        self._index = {id(entity): number for number, entity in enumerate(self.entities)}
        self._left: Counter[int] = Counter(self.feature(index) for index in range(len(scenarios)))

    def number(self, entity: Feature | Rule) -> int:
        """The number of a feature or rule."""
        return self._index[id(entity)]

    def feature(self, index: int) -> int:
        """The number of the feature that the selected scenario `index` stands in."""
        return self._index[id(self._scenarios[index].feature)]

    def above(self, index: int) -> set[int]:
        """The numbers of the feature and rule that the scenario stands in."""
        numbers = set()
        entity = self._scenarios[index].parent
        while entity is not None:
            if isinstance(entity, Feature | Rule):
                numbers.add(self._index[id(entity)])
            entity = entity.parent
        return numbers

    def has_scenarios(self, number: int) -> bool:
        """Return True if `number` is that of a feature with a selected scenario."""
        return number in self._left

    def has_ended(self, feature: int) -> bool:
        """Return True if no scenario of the feature is left."""
        return self._left[feature] <= 0

    def add(self, scenario: Scenario) -> None:
        """Count one more scenario that is selected: a hook has added it."""
        self._selected.add(id(scenario))
        self._left[self._index[id(scenario.feature)]] += 1

    def end_one(self, feature: int) -> bool:
        """Count a scenario of the feature as ended; return True if it was the last one."""
        self._left[feature] -= 1
        return self._left[feature] == 0

    def closings(self, feature: int) -> Orders:
        """The orders that close a feature, its rules first."""
        rules = reversed(self.entities[feature].rules)
        return [("close", self._index[id(rule)]) for rule in rules] + [("close", feature)]

    def visits(self, feature: Feature) -> Orders:
        """The orders that run the hooks of a feature or its rules where no scenario runs: behave runs them as well."""
        return [("open", self._index[id(one)]) for one in (feature, *feature.rules) if self.has_only_hooks(one)]

    def has_only_hooks(self, entity: Feature | Rule) -> bool:
        """Return True if the hooks of a feature or rule run although no scenario in it is selected."""
        selected = any(id(scenario) in self._selected for scenario in entity.walk_scenarios())
        return not selected and bool(entity.should_run(self._config))
