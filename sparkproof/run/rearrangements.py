"""What hooks on workers make of a feature's scenarios: some are added, some taken away, and the run follows."""

from collections.abc import Callable, Iterator, Sequence

from behave.configuration import Configuration
from behave.model import Scenario, ScenarioOutline

from sparkproof.run.dispatcher import Dispatcher
from sparkproof.run.faces import Arrangement, Sent, rebuild
from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.grown import Added
from sparkproof.run.model import Model, Place
from sparkproof.run.results import Results
from sparkproof.run.schedule import Job, Schedule


class Rearrangements:
    """The features and rules of which workers have sent another arrangement; each worker has to find the same."""

    def __init__(
        self,
        results: Results,
        schedule: Schedule,
        features: FeatureTally,
        dispatcher: Dispatcher,
        job: Callable[[int], Job],
        model: Model,
        config: Configuration,
    ) -> None:
        self._results = results
        self._selection = results.selection
        self._schedule = schedule
        self._features = features
        self._dispatcher = dispatcher
        self._job = job
        self._model = model
        self._config = config
        self._taken: dict[int, Sent] = {}

    def take(self, worker: int, number: int, sent: Sent) -> Iterator[int]:
        """Follow an arrangement that a worker has sent; yield the scenarios that are taken away before they began."""
        container, before = self._features.entities[number], self._model.arranged[number]
        if number in self._taken:
            if not _are_the_same(self._taken[number], sent):
                self._results.cause(
                    f"Hooks made other scenarios of {container.name!r} on worker {worker} than on another one."
                )
            return
        self._taken[number] = sent
        after = rebuild(container, before, sent)
        known, present = ({id(scenario) for scenario in _scenarios(items)} for items in (before, after))
        for item, (one, rows) in enumerate(after):
            for row, scenario in enumerate(rows or (one,)):
                if id(scenario) not in known and self._is_selected(scenario):
                    self._add(scenario, Place(number, item, row, scenario.name), present)
        gone = {self._selection.find(scenario) for scenario in _scenarios(before) if id(scenario) not in present}
        for job in self._schedule.waiting:
            if job.index in gone and job.index not in self._dispatcher.places:
                self._schedule.drop([job.index])
                self._selection.withdrawn.add(job.index)
                yield job.index

    def wake(self, places: Sequence[Place]) -> None:
        """Add scenarios that hooks have selected, for example by a tag; each worker's hooks select the same."""
        for place in places:
            item = self._features.entities[place.entity].run_items[place.item]
            scenario = item.scenarios[place.row] if isinstance(item, ScenarioOutline) else item
            if self._selection.find(scenario) is None:
                self._admit(scenario, self._selection.admit(scenario), place)

    def extend(self, added: Sequence[Added]) -> Iterator[Job]:
        """Add scenarios that hooks and steps have made on a worker while the feature ran; yield their jobs."""
        for place, face in added:
            container = self._features.entities[place.entity]
            scenario = face.make(container, container)
            container.scenarios.append(scenario)
            container.run_items.append(scenario)
            index = self._selection.admit(scenario)
            self._dispatcher.places[index] = place
            self._features.add(scenario)
            yield self._job(index)

    def _is_selected(self, scenario: Scenario) -> bool:
        is_scenario = isinstance(scenario, Scenario) and not isinstance(scenario, ScenarioOutline)
        return is_scenario and bool(scenario.should_run(self._config))

    def _add(self, scenario: Scenario, place: Place, present: set[int]) -> None:
        replaced = self._selection.find(scenario)
        # A copy that stands beside the other one replaces nothing.
        if replaced is not None and id(self._selection.scenarios[replaced]) in present:
            replaced = None
        index = self._selection.admit(scenario) if replaced is None else self._selection.begin(scenario)
        if replaced is None:
            self._admit(scenario, index, place)
        else:
            self._dispatcher.places[index] = place

    def _admit(self, scenario: Scenario, index: int, place: Place) -> None:
        self._dispatcher.places[index] = place
        self._features.add(scenario)
        self._schedule.add(self._job(index))


def _scenarios(items: Arrangement) -> Iterator[Scenario]:
    """Yield the scenarios of an arrangement, the rows of an outline in its place."""
    for one, rows in items:
        yield from rows or (one,)


def _are_the_same(one: Sent, other: Sent) -> bool:
    """Return True if two workers have found the same scenarios, in whatever order."""
    if one == other:
        return True
    rest = list(other)
    for item in one:
        if item not in rest:
            return False
        rest.remove(item)
    return not rest
