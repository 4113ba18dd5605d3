"""Executors: one too many or too few, one of somebody else's, and one that stays, are seen."""

import pytest

from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.spark.executors import Executors, ensure_one
from tests.support.recorded import RecordedKube, RecordedPlatform, executor, pod

pytestmark = pytest.mark.usefixtures("one_look")
DRIVER = pod("spark-connect-0", "connect", uid="the-driver")
OF_THE_DRIVER = [{"kind": "Pod", "uid": "the-driver"}]


def executors(*names: str) -> RecordedPlatform:
    return RecordedPlatform(
        RecordedKube(DRIVER, *map(executor, names)), causes=[Cause(Reason.QUOTA, "exceeded quota: team")]
    )


@pytest.mark.parametrize("names", [(), ("exec-0",), ("exec-0", "exec-1")])
def test_as_many_as_expected_are_proved(names: tuple[str, ...], record: Record) -> None:
    Executors.of(executors(*names)).must_be(len(names))
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == f"{len(names)} executors exist"


@pytest.mark.parametrize(("names", "count"), [(("exec-0",), 0), ((), 1), (("exec-0", "exec-1"), 1)])
def test_another_number_is_given_up_with_the_causes(names: tuple[str, ...], count: int, record: Record) -> None:
    with pytest.raises(GaveUp, match=f"{count} executors in team .*exceeded quota: team\nlast seen: {len(names)}"):
        Executors.of(executors(*names)).must_be(count)
    assert not record.proofs


def test_those_that_have_ended_or_are_another_applications_do_not_count(record: Record) -> None:
    others = executor("other-0")
    others["metadata"]["labels"]["spark-app-name"] = "word-count"
    ended = executor("exec-1", phase="Succeeded")
    Executors.of(RecordedPlatform(RecordedKube(executor(), ended, others))).must_be(1)
    assert record.proofs


def owned(**by_name: list[dict[str, str]]) -> Executors:
    return Executors.of(
        RecordedPlatform(
            RecordedKube(DRIVER, *(executor(name, ownerReferences=owners) for name, owners in by_name.items()))
        )
    )


def test_those_that_the_driver_alone_owns_are_proved(record: Record) -> None:
    owned(one=OF_THE_DRIVER, two=OF_THE_DRIVER).must_belong_to_the_driver()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "one, two belong to spark-connect-0"


@pytest.mark.parametrize(
    "owners",
    [[], [{"kind": "Pod", "uid": "another"}], [*OF_THE_DRIVER, {"kind": "Pod", "uid": "another"}]],
    ids=["nobody", "another driver", "two"],
)
def test_one_that_the_driver_does_not_own_alone_is_named(owners: list[dict[str, str]], record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"^two do not belong to spark-connect-0 alone"):
        owned(one=OF_THE_DRIVER, two=owners).must_belong_to_the_driver()
    assert not record.proofs


def test_one_whose_owners_kubernetes_does_not_list_is_named() -> None:
    own = Executors.of(RecordedPlatform(RecordedKube(DRIVER, executor("one"))))
    assert "ownerReferences" not in own.pods[0]["metadata"]
    with pytest.raises(CheckFailed, match=r"^one do not belong to spark-connect-0 alone"):
        own.must_belong_to_the_driver()


def test_without_one_nothing_belongs_to_the_driver(record: Record) -> None:
    with pytest.raises(GaveUp, match="an executor of the platform did not come"):
        owned().must_belong_to_the_driver()
    assert not record.proofs


def test_those_that_went_with_their_driver_are_proved(record: Record) -> None:
    Executors.of(executors("exec-7")).must_be_gone(["exec-0", "exec-1"])
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "exec-0, exec-1 went with their driver"


def test_one_that_stays_is_named_and_none_at_all_could_not_go(record: Record) -> None:
    with pytest.raises(GaveUp, match="the end of Pod exec-1 did not come"):
        Executors.of(executors("exec-1")).must_be_gone(["exec-0", "exec-1"])
    with pytest.raises(CheckFailed, match="had no executors that could have gone"):
        Executors.of(executors()).must_be_gone([])
    assert not record.proofs


def test_where_idle_ones_have_gone_a_query_starts_one() -> None:
    platform = executors()
    platform.on_session = lambda: platform.kube.add(executor("exec-9"))
    assert Executors.of(platform).one()["metadata"]["name"] == "exec-9"
    platform.on_session = lambda: pytest.fail("there is one already")
    ensure_one(platform)
