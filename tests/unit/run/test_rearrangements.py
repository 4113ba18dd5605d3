"""A run follows what the hooks of its workers make of a feature's scenarios."""

from types import SimpleNamespace
from typing import Any

from behave.model import Feature, Scenario, ScenarioOutline

from sparkproof.run.faces import Face, Sent
from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.model import Model, Place
from sparkproof.run.rearrangements import Rearrangements
from sparkproof.run.schedule import Job, Schedule
from sparkproof.run.selection import Selected
from tests.support.ended import OUTLINE, configuration, feature

FILE = "features/iceberg/trips.feature"
WITHOUT_B: Sent = [(0, []), (1, [0])]


def named(name: str, *tags: str) -> Face:
    return Face.of(Scenario(FILE, 90, "Scenario", name, tags=tags))


class Run:
    """A feature with a scenario and an outline of two rows, none of which has begun."""

    def __init__(self, *arguments: str) -> None:
        self.feature: Feature = feature(OUTLINE)
        config = configuration(*arguments)
        self.selection = Selected()
        self.selection.choose([self.feature], config)
        self.schedule = Schedule([Job(index) for index in range(len(self.selection))])
        self.causes: list[str] = []
        self.places: dict[int, Place] = {}
        runner: Any = SimpleNamespace(features=[self.feature], config=config)
        results: Any = SimpleNamespace(selection=self.selection, cause=self.causes.append)
        dispatcher: Any = SimpleNamespace(places=self.places)
        model = Model.of([self.feature], self.selection.scenarios, [])
        tally = FeatureTally(runner, self.selection.scenarios)
        self.follow = Rearrangements(results, self.schedule, tally, dispatcher, Job, model, config)

    @property
    def waiting(self) -> list[int]:
        return sorted(job.index for job in self.schedule.waiting)

    def take(self, sent: Sent, worker: int = 1) -> list[int]:
        return list(self.follow.take(worker, 0, sent))


def test_what_a_hook_adds_is_run_where_it_stands() -> None:
    run = Run()
    assert run.take([(0, []), (1, [0, named("c"), 1])]) == []
    assert run.selection.ids[3:] == [f"{FILE}::c"]
    assert run.places == {3: Place(0, 1, 1, "c")}
    assert run.waiting == [0, 1, 2, 3]


def test_what_a_hook_makes_anew_keeps_its_number_and_runs_once() -> None:
    run = Run()
    again = Face.of(run.selection.scenarios[2])
    assert run.take([(0, []), (1, [0, again])]) == []
    assert len(run.selection.scenarios) == 3
    assert run.selection.scenarios[2] is run.feature.run_items[1].scenarios[1]
    assert run.places == {2: Place(0, 1, 1, run.selection.scenarios[2].name)}
    assert run.waiting == [0, 1, 2]


def test_a_copy_that_a_hook_adds_is_run_beside_the_first() -> None:
    run = Run()
    copy = Face.of(run.selection.scenarios[0])
    assert run.take([(0, []), (1, [0, 1]), (copy, []), (copy, [])]) == []
    assert run.selection.ids[3:] == [f"{run.selection.ids[0]}#2", f"{run.selection.ids[0]}#3"]
    assert list(run.places) == run.waiting[3:] == [3, 4]


def test_what_a_hook_takes_away_is_not_run() -> None:
    run = Run()
    assert run.take(WITHOUT_B) == [2]
    assert run.waiting == [0, 1]
    assert run.selection.withdrawn == {2}


def test_only_scenarios_that_are_selected_are_added() -> None:
    run = Run("--tags=wanted")
    outline = Face.of(ScenarioOutline(FILE, 91, "Scenario Outline", "without a row", tags=["wanted"]))
    run.take([(0, []), (named("left out"), []), (outline, []), (named("selected", "wanted"), [])])
    assert [scenario.name for scenario in run.selection.scenarios] == ["selected"]
    assert run.waiting == [0]


def test_workers_whose_hooks_made_the_same_agree_in_any_order() -> None:
    run = Run()
    run.take(WITHOUT_B)
    assert run.take(WITHOUT_B, 2) == run.take(WITHOUT_B[::-1], 3) == []
    assert run.causes == []


def test_workers_whose_hooks_made_other_scenarios_are_named() -> None:
    said = "Hooks made other scenarios of 'F' on worker 2 than on another one."
    others: list[Sent] = [[(0, []), (1, [1])], WITHOUT_B[:1], [*WITHOUT_B, (named("c"), [])]]
    for other in others:
        run = Run()
        run.take(WITHOUT_B)
        assert (run.take(other, 2), run.causes) == ([], [said])


def test_what_a_hook_selects_is_run_once() -> None:
    run = Run("--name=first")
    row = run.feature.run_items[1].scenarios[1]
    place = Place(0, 1, 1, row.name)
    for _ in range(2):
        run.follow.wake([place])
    assert run.selection.scenarios[1:] == [row]
    assert run.places == {1: place}
    assert run.waiting == [0, 1]


def test_what_comes_up_belongs_to_its_feature() -> None:
    run = Run()
    place = Place(0, 2, 0, "c")
    assert list(run.follow.extend([(place, named("c"))])) == [Job(3)]
    made = run.feature.run_items[-1]
    assert (made.name, made.parent, made.feature) == ("c", run.feature, run.feature)
    assert run.selection.scenarios[3] is run.feature.scenarios[-1] is made
    assert run.places == {3: place}
    assert run.waiting == [0, 1, 2], "it is given to the worker that made it"
