"""The vocabulary of tags refuses what it does not know."""

from pathlib import Path

import pytest

from sparkproof.core.errors import UsageError
from sparkproof.core.resources import Isolation, Reservation
from sparkproof.suite import tags
from tests.support.projects import behave, ledger, project


def test_an_unknown_tag_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(UsageError, match=r"^x\.feature:3: Tag @iceburg is unknown; did you mean @iceberg"):
        tags.check({"gpu": "x.feature:1", "iceburg": "x.feature:3"})


@pytest.mark.parametrize(
    "expression", ["@gpu and not (@iceberg or @wip)", "spark.4.*", ["@gpu,@iceberg", "~@slow"], ""]
)
def test_known_expressions_pass(expression: str | list[str]) -> None:
    tags.check_expression(expression)


@pytest.mark.parametrize("expression", ["@gpuu", "not @smoky", "spark.9.*", "@gpu and @nowhere"])
def test_unknown_expressions_are_refused(expression: str) -> None:
    with pytest.raises(UsageError, match="is unknown"):
        tags.check_expression(expression)


def test_needs_locks_and_topics() -> None:
    assert tags.capabilities(["gpu", "requires.gpu", "requires.a"]) == ["a", "gpu"]
    assert tags.locks(["lock.history", "gpu"]) == ["history"]
    assert tags.topic(["connect", "iceberg", "gpu"]) == "gpu"
    assert tags.topic(["smoke"]) == "baseline"


@pytest.mark.parametrize(
    ("carried", "cluster", "kubernetes"),
    [
        (["spark"], True, True),
        (["charts"], False, False),
        (["charts", "requires.prometheus"], True, True),
        (["iceberg", "processes"], True, False),
    ],
)
def test_only_what_is_rendered_needs_no_cluster(carried: list[str], cluster: bool, kubernetes: bool) -> None:
    assert (tags.needs_cluster(carried), tags.needs_kubernetes(carried)) == (cluster, kubernetes)


def test_a_scenario_leases_what_its_tags_say() -> None:
    assert tags.reservation(["smoke"]) == Reservation()
    assert tags.reservation(["requires.gpu", "connect"]) == Reservation(cpu=0.1, memory=2**28, gpus=1)
    assert tags.reservation(["requires.gpu", "gpus.2", "cpu.500m"]) == Reservation(cpu=0.5, gpus=2)
    assert tags.reservation(["lock.a", "shares.b"]) == Reservation(locks=frozenset("a"), shared=frozenset("b"))
    with pytest.raises(UsageError, match=r"@memory\.lots has no valid amount"):
        tags.reservation(["memory.lots"])
    assert (tags.limit(["limit.1200", "gpu"]), tags.limit(["gpu"])) == (1200, 0)
    assert [tags.isolation(one) for one in ([], ["serial"], ["serial", "disruptive"])] == list(Isolation)


@pytest.mark.parametrize(
    ("asked", "ran"), [((), ["both"]), (("--tags=@slow",), []), (("--tags=@fast or @slow",), ["both"])]
)
def test_a_run_is_narrowed_to_tags_beside_those_that_are_asked_for(
    asked: tuple[str, ...], ran: list[str], tmp_path: Path
) -> None:
    environment = (
        "from sparkproof.run import Plan, narrow\n"
        "plan = Plan(check=lambda features, config: narrow(config, ['jupyter', 'gpu']))\n"
    )
    feature = "Feature: F\n" + "".join(
        f"  @fast {tags}\n  Scenario: {name}\n    Given it passes\n"
        for name, tags in {"one": "@jupyter", "other": "@gpu", "both": "@jupyter @gpu"}.items()
    )
    steps = "@step('it passes')\ndef passes(context): pass"
    project(tmp_path, steps=steps, environment=environment, f=feature)
    behave(*asked, cwd=tmp_path)
    assert [line["name"] for line in ledger(tmp_path)] == ran
