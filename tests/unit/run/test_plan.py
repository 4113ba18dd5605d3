"""A plan that says nothing lets a run be what it is, and narrows nothing."""

from sparkproof.core.resources import NOTHING, Isolation
from sparkproof.run.plan import About, Plan, area, narrow
from tests.support.ended import configuration, feature, scenarios


def test_a_scenario_is_of_the_folder_of_its_feature() -> None:
    assert area(scenarios(feature())[0]) == "iceberg"
    assert area(scenarios(feature(filename="x.feature"))[0]) == "features"
    assert Plan().group(scenarios(feature())[0]) == "iceberg"


def test_tags_are_asked_for_beside_those_of_the_user() -> None:
    one = scenarios(feature("@a\nFeature: F\n  @b\n  Scenario: S\n    Then it\n  @c\n  Scenario: T\n    Then it\n"))
    for arguments, tags, chosen in (
        ((), ["b"], [True, False]),
        (("--tags=a",), ["c"], [False, True]),
        (("--tags=c",), ["a", "b"], [False, False]),
        (("--tags=not b",), [], [False, True]),
    ):
        config = configuration(*arguments)
        narrow(config, tags)
        assert [each.should_run(config) for each in one] == chosen
    config = configuration()
    config.tags = "b"
    narrow(config, ["a"])
    assert [each.should_run(config) for each in one] == [True, False]


def test_a_plan_that_says_nothing() -> None:
    plan, scenario = Plan(), scenarios(feature())[0]
    assert (plan.reservation(scenario), plan.isolation(scenario)) == (NOTHING, Isolation.PARALLEL)
    assert (plan.capacity(), plan.limit(scenario), plan.version(scenario), plan.remark("x")) == (None, 0.0, "", "")
    assert [plan.transient(error) for error in (ConnectionResetError(), OSError())] == [True, False]
    assert plan.about() == About()
    plan.check([], configuration())
    plan.prepare([])
    assert len(plan.run) == 8
    assert plan.run != Plan().run
