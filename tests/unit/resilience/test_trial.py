"""Verdicts on recorded attempts, and trials in which a recorded platform is disturbed."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from sparkproof.core import clock
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.iceberg import Table
from sparkproof.kube.objects import ENDPOINT_SLICE, SERVICE
from sparkproof.resilience import trial as trial_module
from sparkproof.resilience.trial import Trial, Verdict
from sparkproof.resilience.work import Attempt, EngineerAtWork
from sparkproof.spark.trips import Generated
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform

REFUSED, SILENT = "no route to spark-rest-catalog", "no answer within 15 s"


def attempts(**course: str) -> Sequence[Attempt]:
    """Attempts of each kind of work: "." succeeds, "x" is refused and "?" is not answered."""
    told = {".": "", "x": REFUSED, "?": SILENT}
    return [
        Attempt(work, number, 10.0 * number, 10.0 * number + 5, told[each], answered=each != "?")
        for work, signs in course.items()
        for number, each in enumerate(signs, start=1)
    ]


def trial(course: Sequence[Attempt], recovered_s: float | None = None, **rest: Any) -> Trial:
    told = (rest.get("back_s", 3.0), rest.get("shown", ""), rest.get("crowding", 0.0))
    return Trial("the REST catalog hangs", course, recovered_s, *told)


@pytest.mark.parametrize(
    ("course", "recovered_s", "verdict"),
    [
        ({"write": "..", "read": ".."}, 4.0, Verdict.GOES_ON),
        ({"write": "..", "read": ".."}, None, Verdict.GOES_ON),
        ({"write": "x.", "read": ".."}, 4.0, Verdict.RECOVERS),
        ({"write": "?.", "read": "x."}, None, Verdict.RECOVERS),
        ({"write": ".x", "read": ".."}, None, Verdict.DEGRADED),
        ({"write": "xx", "read": "xx"}, None, Verdict.FAILS),
        ({"write": "?x", "read": "xx"}, None, Verdict.FAILS),
        ({"write": "??", "read": "xx"}, None, Verdict.WAITS),
        ({"write": "??", "read": ".."}, None, Verdict.WAITS),
        ({"read": ".."}, None, Verdict.WAITS),
        ({}, None, Verdict.WAITS),
    ],
)
def test_the_verdict_is_what_became_of_the_work(course: Any, recovered_s: float | None, verdict: Verdict) -> None:
    assert trial(attempts(**course), recovered_s).verdict is verdict


def test_the_expected_verdict_or_a_better_one_holds(record: Record) -> None:
    trial(attempts(write="x.", read=".."), 4.0).must_be(Verdict.RECOVERS, 5)
    trial(attempts(write="..", read=".."), 4.0).must_be(Verdict.RECOVERS, 4)
    assert record.measured[-1] == ("until the work went on (the REST catalog hangs)", 4.0, "s", "at most 4 s")
    trial(attempts(write="xx", read="xx")).must_be(Verdict.FAILS, 5)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "While the REST catalog hangs, the work recovers by itself, after 4.0 s."
    assert record.proofs[2].seen.endswith(f"the work fails: {REFUSED}; back 3.0 s later.")
    assert not record.unread


def test_a_limit_follows_how_crowded_the_machine_was_meanwhile() -> None:
    late = attempts(write="x.", read="..")
    trial(late, 74.0, crowding=5.0).must_be(Verdict.RECOVERS, 60)
    for crowding, took_s, limit_s in ((5.0, 76.0, 75), (4.0, 61.0, 60), (0.5, 61.0, 60)):
        with pytest.raises(CheckFailed, match=f"took {took_s:.0f} s, and {limit_s} s were expected"):
            trial(late, took_s, crowding=crowding).must_be(Verdict.RECOVERS, 60)


@pytest.mark.parametrize(
    ("seen", "expected", "within_s", "message"),
    [
        (trial(attempts(write="xx", read="xx")), Verdict.RECOVERS, 60, "recovers by itself is what was expected"),
        (trial(attempts(write="??", read="??")), Verdict.FAILS, 60, "fails is what was expected"),
        (trial(attempts(write=".x", read="..")), Verdict.GOES_ON, 60, "goes on is what was expected"),
        (trial(attempts(write="x.", read=".."), 61.0), Verdict.RECOVERS, 60, "took 61 s, and 60 s were expected"),
        (trial(attempts(write="xx", read="xx"), back_s=61.0), Verdict.FAILS, 60, "took 61 s"),
        (trial(attempts(write="xx", read="xx"), back_s=None), Verdict.FAILS, 60, "did not go on when"),
    ],
)
def test_a_worse_verdict_a_late_one_and_no_return_are_found(
    seen: Trial, expected: Verdict, within_s: float, message: str
) -> None:
    with pytest.raises(CheckFailed, match=message):
        seen.must_be(expected, within_s)


def test_the_cause_is_told_by_spark_or_shown_by_the_platform(record: Record) -> None:
    trial(attempts(write="xx", read="x.")).must_have_told(["spark-rest-catalog"])
    trial(attempts(write="??", read="??"), shown="spark-rest-catalog-1 is not ready").must_have_told(["rest-catalog-1"])
    trial(attempts(write="xx", read="x.")).must_have_told(["another", "spark-rest-catalog"])
    trial(attempts(write="??", read="??"), shown="x-1 is not ready").must_have_told(["another", "x-1"])
    assert [REFUSED in proof.seen for proof in record.proofs] == [True, False, True, False]


def test_what_nobody_was_told_is_found() -> None:
    with pytest.raises(CheckFailed, match="Nobody was told 'postgres'"):
        trial(attempts(write="xx", read="xx"), shown="spark-postgres-0 is not ready").must_have_told(["postgres"])
    with pytest.raises(CheckFailed, match="Nobody was told 'postgres'"):
        trial(attempts(write="??", read="??"), shown="spark-connect-0 is not ready").must_have_told(["postgres"])
    with pytest.raises(CheckFailed, match="Nobody was told 'postgres' or 'another' while"):
        trial(attempts(write="xx", read="xx")).must_have_told(["postgres", "another"])


class Disturbed:
    """A disturbance of a recorded platform that ends by itself or not; the engineer then works again or not."""

    lasts_s = 0.0
    # What the end of the disturbance takes, as where it waits until what was gone is ready.
    ends_in_s = 0.0
    cause: Cause | None = None

    def __init__(self, own: EngineerAtWork, *, over: bool = False, helps: bool = True) -> None:
        self.own, self.over, self.helps, self.done = own, over, helps, list[str]()

    def begin(self) -> None:
        self.done.append("begun")
        if self.cause and isinstance(self.own.platform, RecordedPlatform):
            self.own.platform.causes = [*self.own.platform.causes, self.cause]

    @property
    def is_over(self) -> bool:
        if self.over:
            self._work("x")
            self._work(".")
        return self.over

    def end(self) -> None:
        self.done.append("ended")
        time.sleep(self.ends_in_s)
        if self.helps:
            self._work(".")

    def _work(self, sign: str) -> None:
        now = clock.now()
        for each in attempts(write=sign, read=sign):
            self.own.attempts.append(Attempt(each.work, 1, now + 1, now + 2, each.error))


def at_work(*objects: Any) -> EngineerAtWork:
    platform = RecordedPlatform(RecordedKube(*objects), causes=[Cause(Reason.OTHER, "known before")])
    return EngineerAtWork(platform, Table(platform.open_session(), "rest.s_1.trips"), Generated(1, 100))


def test_a_disturbance_that_ends_by_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    own, programs = at_work(), iter((6.0, 10.0))
    monkeypatch.setattr(trial_module, "crowding", lambda: next(programs))
    disturbance = Disturbed(own, over=True)
    seen = Trial.run(own, disturbance, "it is killed")
    assert disturbance.done == ["begun"]
    assert seen.crowding == 8.0, "the mean of what was seen while the work went on again and at the end"
    assert seen.recovered_s is not None
    assert 1 < seen.recovered_s < 3


@pytest.mark.usefixtures("one_look")
def test_a_disturbance_that_lasts_is_undone_and_the_way_back_measured(record: Record) -> None:
    served = recorded.manifest(ENDPOINT_SLICE, "s", labels={"kubernetes.io/service-name": "spark-connect"})
    served["endpoints"] = [{"conditions": {"ready": True}}]
    services = [recorded.manifest(SERVICE, name) for name in ("spark-postgres", "spark-connect")]
    own = at_work(*services, served)
    disturbance = Disturbed(own)
    disturbance.cause = Cause(Reason.QUOTA, "exceeded quota")
    disturbance.ends_in_s = 1.0
    seen = Trial.run(own, disturbance, "it hangs")
    assert disturbance.done == ["begun", "ended"]
    assert seen.recovered_s is None
    assert seen.back_s is not None
    assert 2 < seen.back_s < 4, "from the moment at which it began to end"
    assert seen.shown == "the service spark-postgres of team has no ready pod; exceeded quota"
    assert any("it hangs" in each.name for each in record.items)


@pytest.mark.parametrize(("patience_s", "told"), [(20.0, []), (100.0, [SILENT])])
def test_an_engineer_who_waits_longer_than_the_disturbance_lasts_is_heard_out(
    patience_s: float, told: list[str]
) -> None:
    own = at_work()
    own.patience_s = patience_s

    def give_up() -> None:
        now = clock.now()
        own.attempts += [Attempt(each.work, 1, now - 100, now, each.error) for each in attempts(write="?", read="?")]

    late = threading.Timer(1.5, give_up)
    late.start()
    seen = Trial.run(own, Disturbed(own), "it hangs")
    late.join()
    assert seen.told == told


@pytest.mark.usefixtures("one_look")
def test_work_that_does_not_come_back_is_found() -> None:
    own = at_work()
    seen = Trial.run(own, Disturbed(own, helps=False), "it hangs")
    with pytest.raises(CheckFailed, match="did not go on when the disturbance had ended"):
        seen.must_be(Verdict.WAITS, 60)


def test_what_the_platform_shows_is_what_it_showed_meanwhile(record: Record) -> None:
    known = trial(
        attempts(write="xx", read="xx"), shown="statefulset spark-postgres: FailedCreate: exceeded quota: team"
    )
    with pytest.raises(
        CheckFailed, match="Nothing showed 'Insufficient cpu' while the REST catalog hangs: statefulset"
    ):
        known.must_have_shown("Insufficient cpu")
    with pytest.raises(CheckFailed, match="while the REST catalog hangs: all was ready"):
        trial(attempts(write="xx", read="xx")).must_have_shown("exceeded quota")
    assert not record.proofs
    known.must_have_shown("exceeded quota")
    assert record.level is Level.EXECUTED
    assert "spark-postgres: FailedCreate" in record.proofs[0].seen
