"""The hooks of a feature run where its scenarios run, and its last hooks after the last of them."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.openings import Openings
from tests.support.ended import configuration, feature, scenarios


class Pool(list[Any]):
    def send(self, worker: Any, orders: list[Any]) -> None:
        worker.orders.append(orders)


def worker() -> Any:
    return SimpleNamespace(features=set(), visiting=set(), closing=set(), orders=[])


def opened(entity: int) -> Any:
    return SimpleNamespace(entity=entity)


class Run:
    """Two features, of which the first has two selected scenarios and a rule without one, and two workers."""

    def __init__(self, *hooks: str, selected: int = 2) -> None:
        self.features = [feature(), feature(filename="g.feature")]
        pool: Any = Pool([worker(), worker()])
        replay: Any = SimpleNamespace(
            opened=defaultdict(list), closed=defaultdict(list), statuses=lambda one, known: (one.name, known)
        )
        runner: Any = SimpleNamespace(features=self.features, config=configuration())
        self.tally = FeatureTally(runner, scenarios(*self.features)[:selected])
        self.pool, self.replay = pool, replay
        self.openings = Openings(pool, self.tally, replay, hooks)


def test_a_feature_is_open_where_its_first_hooks_ran() -> None:
    run = Run()
    for entity in (0, 1, 2):
        run.openings.opened(run.pool[0], opened(entity))
    assert run.pool[0].features == {0}, "a rule and a feature without a scenario are closed at once"
    assert list(run.replay.opened) == [0, 1, 2]
    assert run.pool[1].features == set()


def test_a_feature_is_closed_wherever_it_is_open_after_its_last_scenario() -> None:
    run = Run(selected=3)
    for each in run.pool:
        run.openings.opened(each, opened(0))
    run.openings.end_one(0)
    run.openings.end_one(1)
    assert [each.orders for each in run.pool] == [[], []]
    run.openings.end_one(2)
    for each in run.pool:
        assert (each.orders, each.features, each.closing) == ([[("close", 1), ("close", 0)]], set(), {0})
        run.openings.closed(each, opened(0))
        assert each.closing == set()
    assert len(run.replay.closed[0]) == 2


def test_a_worker_that_has_it_not_open_closes_nothing() -> None:
    run = Run(selected=3)
    run.openings.opened(run.pool[1], opened(0))
    for index in range(3):
        run.openings.end_one(index)
    assert [len(each.orders) for each in run.pool] == [0, 1]
    run.pool[1].features.add(0)
    run.openings.closed(run.pool[1], opened(0))
    assert run.pool[1].features == set(), "it has closed it by itself"


def test_last_hooks_see_how_scenarios_ended() -> None:
    for hook in ("after_feature", "after_rule", "after_tag"):
        run = Run("before_all", hook, selected=3)
        run.openings.opened(run.pool[0], opened(0))
        for index in range(3):
            run.openings.end_one(index)
        assert run.pool[0].orders == [[("ended", 0, ("F", 3)), ("close", 1), ("close", 0)]]
    run = Run("before_feature", "after_scenario", selected=3)
    run.openings.opened(run.pool[0], opened(0))
    for index in range(3):
        run.openings.end_one(index)
    assert run.pool[0].orders == [[("close", 1), ("close", 0)]]


def test_a_rule_without_a_scenario_is_visited_before_its_feature_is_closed() -> None:
    run = Run()
    run.openings.opened(run.pool[1], opened(0))
    run.openings.end_one(0)
    run.openings.end_one(1)
    assert [each.orders for each in run.pool] == [[], [[("open", 1), ("visited", 0)]]]
    assert run.pool[1].visiting == {0}
    run.openings.visited(run.pool[1], 0)
    assert run.pool[1].visiting == set()
    assert run.pool[1].orders[1:] == [[("close", 1), ("close", 0)]]
    assert run.pool[1].closing == {0}


def test_a_feature_that_is_open_nowhere_is_not_visited() -> None:
    run = Run()
    run.openings.end_one(0)
    run.openings.end_one(1)
    assert [each.orders for each in run.pool] == [[], []]


def test_a_feature_whose_hooks_added_a_scenario_stays_open() -> None:
    run = Run()
    run.openings.visit(run.pool[0], 2)
    assert run.pool[0].orders == [[("open", 2), ("open", 3), ("visited", 2)]]
    run.tally.add(scenarios(run.features[1])[0])
    run.openings.visited(run.pool[0], 2)
    assert (run.pool[0].features, run.pool[0].closing, len(run.pool[0].orders)) == ({2}, set(), 1)
