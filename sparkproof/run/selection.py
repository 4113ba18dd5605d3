"""The scenarios of a run by number, each with its id; hooks may change which there are until they run."""

import copy
import copyreg
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from behave.configuration import Configuration
from behave.model import Feature, Rule, Scenario, ScenarioOutline, Tag

from sparkproof.run.outcome import readable

_Key = tuple[str, int, str]
# A tag of behave's is a text with a line, of which Python makes no copy by itself.
copyreg.pickle(Tag, lambda tag: (Tag, (str(tag), tag.line)))


class Selected:
    """The selected scenarios: `scenarios` and `ids` by number; `withdrawn` are those that hooks took away.

    `others` are the scenarios that were not selected, by id.
    """

    def __init__(self) -> None:
        self.scenarios: list[Scenario] = []
        self.ids: list[str] = []
        self.withdrawn: set[int] = set()
        self.others: dict[str, Scenario] = {}
        self._numbers: dict[int, int] = {}
        self._by_key: defaultdict[_Key, list[int]] = defaultdict(list)
        self._taken: set[str] = set()

    def __len__(self) -> int:
        return len(self.scenarios) - len(self.withdrawn)

    def choose(self, features: Sequence[Feature], config: Configuration) -> None:
        """Select anew from `features`, as they are before the first one runs."""
        everything = [(scenario, feature) for feature in features for scenario in feature.walk_scenarios()]
        runs = {id(feature) for feature in features if feature.should_run(config)}
        names = identities([scenario for scenario, _ in everything])
        self.__init__()  # type: ignore[misc]
        self._taken = set(names)
        used: set[str] = set()
        for (scenario, feature), name in zip(everything, names, strict=True):
            if id(feature) in runs and scenario.should_run(config):
                identity = name if name not in used else _numbered(name, self._taken)
                used.add(identity)
                self._add(scenario, identity)
            else:
                self.others.setdefault(name, scenario)
        for identity in used & self.others.keys():
            del self.others[identity]

    def find(self, scenario: Scenario) -> int | None:
        """The number of `scenario`, or of the one that it replaces: behave makes the rows of a changed table anew."""
        number = self._numbers.get(id(scenario))
        if number is not None:
            return number
        return next((n for n in self._by_key.get(_key(scenario), ()) if self.scenarios[n] is not scenario), None)

    def begin(self, scenario: Scenario) -> int:
        """The number of a scenario that runs now; one that a hook added gets a number and an id of its own."""
        number = self._numbers.get(id(scenario))
        if number is None:
            number = self._replace(scenario)
        # What runs next of the same place and name is another one.
        self._by_key[_key(scenario)] = [n for n in self._by_key[_key(scenario)] if n != number]
        return number

    def admit(self, scenario: Scenario) -> int:
        """Add a scenario that a hook made, or selected among those that were not; return its number."""
        known = next((name for name, other in self.others.items() if _key(other) == _key(scenario)), None)
        if known is not None:
            del self.others[known]
            return self._add(scenario, known)
        name = _natural(scenario)
        return self._add(scenario, name if name not in self._taken else _numbered(name, self._taken))

    def withdraw(self, features: Iterable[Feature], ended: Callable[[int], bool]) -> list[str]:
        """Withdraw what has not ended and is in no feature any more: behave runs none of it; return the ids of all."""
        present = {id(scenario) for feature in features for scenario in feature.walk_scenarios()}
        for index, scenario in enumerate(self.scenarios):
            if id(scenario) not in present and not ended(index):
                self.withdrawn.add(index)
        return [self.ids[index] for index in sorted(self.withdrawn)]

    def _replace(self, scenario: Scenario) -> int:
        for number in self._by_key.get(_key(scenario), ()):
            self._numbers.pop(id(self.scenarios[number]), None)
            self.scenarios[number] = scenario
            self._numbers[id(scenario)] = number
            return number
        return self.admit(scenario)

    def _add(self, scenario: Scenario, identity: str) -> int:
        number = len(self.scenarios)
        self.scenarios.append(scenario)
        self.ids.append(identity)
        self._taken.add(identity)
        self._numbers[id(scenario)] = number
        self._by_key[_key(scenario)].append(number)
        return number


def part(features: list[Feature]) -> None:
    """Put a copy where a feature stands for the second time: each run of it ends in its own way."""
    seen: set[int] = set()
    for place, feature in enumerate(features):
        if id(feature) in seen:
            features[place] = copy.deepcopy(feature)
        seen.add(id(feature))


def outlines(features: Iterable[Feature]) -> Iterator[ScenarioOutline]:
    """Every scenario outline, without making scenarios of its rows."""
    for container in features:
        for item in container.run_items:
            if isinstance(item, Rule):
                yield from outlines([item])
            elif isinstance(item, ScenarioOutline):
                yield item


def untouched(features: Iterable[Feature]) -> list[ScenarioOutline]:
    """The outlines whose rows are no scenarios yet: behave makes them when it comes to them, after the hooks."""
    return [outline for outline in outlines(features) if outline._is_any_example_table_modified()]


def restore(untouched: Iterable[ScenarioOutline]) -> None:
    """Let behave make the rows' scenarios again, unless somebody has done something with those that there are."""
    for outline in untouched:
        if not any(scenario.should_skip for scenario in outline._scenarios):
            for examples in outline.examples:
                if examples.table is not None:
                    examples.table.modified = True


def identities(scenarios: Sequence[Scenario]) -> list[str]:
    """One stable id per scenario: file, rule and name (never a line number); equal ones are numbered in their order.

    All scenarios of a file are numbered, selected or not, so that an id means the same scenario in every run.
    """
    natural = [_natural(scenario) for scenario in scenarios]
    counts = Counter(natural)
    if len(counts) == len(natural):
        return natural
    taken = set(counts)
    seen: set[str] = set()
    # A file that is named twice is read twice: its scenarios are the same ones.
    known: dict[_Key, str] = {}
    found = []
    for name, scenario in zip(natural, scenarios, strict=True):
        identity = name
        if name in seen:
            identity = known.get(_key(scenario)) or _numbered(name, taken)
        seen.add(name)
        taken.add(identity)
        known.setdefault(_key(scenario), identity)
        found.append(identity)
    return found


def rule_of(scenario: Scenario) -> Rule | None:
    """The rule that `scenario` stands under, if any."""
    entity = scenario.parent
    while entity is not None and not isinstance(entity, Rule):
        entity = entity.parent
    return entity


def _natural(scenario: Scenario) -> str:
    rule = rule_of(scenario)
    parts = [scenario.filename, *([rule.name] if rule else []), scenario.name or scenario.keyword]
    return "::".join(map(readable, parts))


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}#{number}" in taken:
        number += 1
    return f"{name}#{number}"


def _key(scenario: Scenario) -> _Key:
    return scenario.filename, scenario.line, scenario.name
