"""The vocabulary of tags refuses what it does not know."""

import pytest

from sparkproof import tags
from sparkproof.errors import UsageError
from sparkproof.lease import Company, Lease


def test_an_unknown_tag_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(UsageError, match="Tag @iceburg is unknown; did you mean @iceberg"):
        tags.check(["gpu", "iceburg"])


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


def test_a_scenario_leases_what_its_tags_say() -> None:
    assert tags.lease(["smoke"]) == Lease()
    assert tags.lease(["requires.gpu", "connect"]) == Lease(cpu=1, memory=4 * 2**30, gpus=1)
    assert tags.lease(["requires.gpu", "gpus.2", "cpu.500m"]) == Lease(cpu=0.5, memory=4 * 2**30, gpus=2)
    assert tags.lease(["lock.a", "shares.b"]) == Lease(locks=frozenset("a"), shared=frozenset("b"))
    with pytest.raises(UsageError, match=r"@memory\.lots names no amount"):
        tags.lease(["memory.lots"])
    assert [tags.company(one) for one in ([], ["serial"], ["serial", "disruptive"])] == list(Company)
