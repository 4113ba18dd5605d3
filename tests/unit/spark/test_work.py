"""Work on executors: a wrong sum, one executor too many or too few, and a loss that was none, are seen."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import POD, Manifest
from sparkproof.spark.session import Answer, Session
from sparkproof.spark.work import Ending, ExecutorLoss, ExecutorWatch, FairSharing, Work
from tests.support.recorded import (
    NAMESPACE,
    RecordedDriver,
    RecordedKube,
    RecordedPlace,
    RecordedPlatform,
    Reply,
    executor,
    job,
    pod,
    stage,
    task,
)

RIGHT = Answer("SELECT sum(id)", "tag", 14.2, ("sum(id)",), ((66,),))
WORK = Work(RIGHT, 12, (0, 1, 2, 1))
LOSS = ExecutorLoss(WORK, "exec-0", lost=0, done={"1": 6, "2": 6})
SHARING = FairSharing(WORK, Answer("SELECT 1", "tag", 0.4, ("1",), ((1,),)), waiting=3)


def test_the_right_sum_is_proved(record: Record) -> None:
    WORK.must_be_right()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "The work gave 66 after 14.2 s"


def test_another_sum_and_a_refusal_are_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="gave 65, not 66"):
        replace(WORK, answer=replace(RIGHT, rows=((65,),))).must_be_right()
    with pytest.raises(CheckFailed, match="gave None, not 66"):
        replace(WORK, answer=replace(RIGHT, rows=((None,),))).must_be_right()
    with pytest.raises(CheckFailed, match=r"Spark refused .*: job was cancelled"):
        replace(WORK, answer=replace(RIGHT, refusal="job was cancelled")).must_be_right()
    assert not record.proofs


def test_the_number_of_executors_is_proved(record: Record) -> None:
    WORK.must_have_had_at_least(2)
    WORK.must_have_had_at_most(2)
    assert record.level is Level.EXECUTED
    assert [proof.seen for proof in record.proofs] == [
        "2 executors existed at once",
        "Never more than 2 executors existed",
    ]
    assert [json.loads(each.content) for each in record.items] == [[0, 1, 2, 1]] * 2


@pytest.mark.parametrize("course", [(), (0, 1), (0, 1, 0, 1)], ids=["none", "one", "one after the other"])
def test_fewer_executors_at_once_are_seen(course: tuple[int, ...], record: Record) -> None:
    work = replace(WORK, course=course)
    with pytest.raises(CheckFailed, match=f"At most {work.most} executors existed at once; the work was for 2"):
        work.must_have_had_at_least(2)
    with pytest.raises(CheckFailed, match=f"{work.most} executors existed at once; exactly 2 were expected"):
        work.must_have_had_at_most(2)
    assert not record.proofs


@pytest.mark.parametrize("rows", [(), ((66,), (66,)), ((66, 1),)])
def test_work_that_gave_no_single_value_is_seen(rows: tuple[tuple[int, ...], ...], record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"The work gave .*, not 66"):
        replace(WORK, answer=replace(RIGHT, rows=rows)).must_be_right()
    assert not record.proofs


def test_one_executor_too_many_for_a_moment_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="3 executors existed at once; exactly 2 were expected"):
        replace(WORK, course=(0, 2, 3, 2)).must_have_had_at_most(2)
    assert not record.proofs


def test_a_loss_of_nothing_is_proved_and_so_is_one_that_was_made_good(record: Record) -> None:
    LOSS.must_have_lost_nothing()
    replace(LOSS, lost=2).must_have_been_made_good()
    assert record.level is Level.EXECUTED
    assert "No task was lost when exec-0 went" in record.proofs[0].seen
    assert "2 tasks lost with exec-0 were done again" in record.proofs[1].seen


def test_a_lost_task_is_seen_and_so_is_work_that_nobody_did(record: Record) -> None:
    with pytest.raises(CheckFailed, match="1 tasks were lost when exec-0 went"):
        replace(LOSS, lost=1).must_have_lost_nothing()
    with pytest.raises(CheckFailed, match=r"Of 12 tasks only these are known to be completed: \{\}"):
        replace(LOSS, done={}).must_have_lost_nothing()
    with pytest.raises(CheckFailed, match=r"known to be completed: {'1': 11}"):
        replace(LOSS, done={"1": 11}).must_have_lost_nothing()
    assert not record.proofs


def test_nothing_to_make_good_is_seen_and_so_is_work_that_nobody_did_again(record: Record) -> None:
    with pytest.raises(CheckFailed, match="lost no tasks, so nothing had to be done again"):
        LOSS.must_have_been_made_good()
    with pytest.raises(CheckFailed, match="2 tasks were lost with exec-0, and of 12 tasks only these were completed"):
        replace(LOSS, lost=2, done={}).must_have_been_made_good()
    with pytest.raises(CheckFailed, match=r"in the end: {'1': 7, '2': 4}"):
        replace(LOSS, lost=2, done={"1": 7, "2": 4}).must_have_been_made_good()
    assert not record.proofs


def test_a_query_that_was_answered_while_work_waited_is_proved(record: Record) -> None:
    SHARING.must_have_been_answered_first()
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == "The short query was answered after 0.4 s, with 3 tasks waiting"


@pytest.mark.parametrize(
    ("sharing", "words"),
    [
        (replace(SHARING, waiting=0), "when no task of the work was waiting"),
        (replace(SHARING, short=replace(SHARING.short, refusal="no room")), "Spark refused 'SELECT 1': no room"),
        (replace(SHARING, work=replace(WORK, tasks=13)), "gave 66, not 78"),
    ],
    ids=["answered last", "refused", "wrong work"],
)
def test_a_query_that_had_to_wait_or_spoilt_something_is_seen(sharing: FairSharing, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        sharing.must_have_been_answered_first()
    assert [proof.seen for proof in record.proofs] in ([], ["The work gave 66 after 14.2 s"])


def test_a_watch_counts_executors_as_they_come_and_go() -> None:
    kube = RecordedKube(executor("exec-0"), pod("spark-0", "connect"))
    watch = ExecutorWatch(RecordedPlatform(kube).workloads)
    kube.add(executor("exec-1"), executor("exec-1", phase="Pending"), pod("spark-1", "connect"))
    kube.delete(POD, "exec-0", NAMESPACE)
    kube.add(executor("exec-1", phase="Failed"))
    watch.close()
    kube.add(executor("exec-2"))
    assert watch.course == [1, 2, 1, 0]


def at_work(host: str, *, waiting: int = 0) -> RecordedPlatform:
    """A platform on which every statement is at work at a host and at another, and has lost one task of two."""
    busy = stage(5, status="ACTIVE", numTasks=4, numCompleteTasks=1, numActiveTasks=3 - waiting, numFailedTasks=1)
    done = stage(4, numKilledTasks=1, numFailedTasks=1)
    others = stage(9, numFailedTasks=7)
    tasks = {
        5: [task("1", host=host, status="RUNNING"), task("2", host="10.0.0.8", status="RUNNING")],
        4: [task("1"), task("2")],
        9: [task("3")],
    }
    # The end of a tag that is not known yet: every tag ends with nothing.
    driver = RecordedDriver(
        jobs=[job("", 4, 5)], stages=[busy, done, others], tasks=tasks, executors=Removed("1", host), name="driver"
    )
    kube = RecordedKube(
        pod("spark-connect-0", "connect", status={"podIP": "10.0.0.9"}),
        executor("exec-0", ip="10.0.0.1"),
        executor("exec-1", ip="10.0.0.2"),
        executor("ended", ip="10.0.0.2", phase="Succeeded"),
    )
    return RecordedPlatform(kube, driver, answers={"reflect": [(66,)], "range(0, 100": [(4950,)]})


class Removed(list[Manifest]):
    """An executor that is at work when it is looked at first, and removed afterwards."""

    def __init__(self, number: str, host: str, reason: str = "Executor decommission: Executor 1 is decommissioned."):
        found = {"id": number, "hostPort": f"{host}:7079", "totalCores": 1}
        self._looks = iter([{**found, "isActive": True}, {**found, "isActive": True}])
        super().__init__([{**found, "isActive": False, "removeReason": reason}])

    def __iter__(self) -> Iterator[Manifest]:
        found = next(self._looks, None)
        return super().__iter__() if found is None else iter([found])


HANDED_OVER = replace(LOSS, reason="Executor decommission: Executor 1 is decommissioned.")
KILLED = "The executor with id 1 was deleted by a user or the framework."


def test_an_executor_that_handed_over_is_proved(record: Record) -> None:
    HANDED_OVER.must_have_been_handed_over()
    assert record.level is Level.EXECUTED
    assert record.proofs[1].seen.startswith("exec-0 handed over; Spark removed its executor because: Executor decom")


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (replace(HANDED_OVER, reason=KILLED), "handed nothing over; Spark removed .* deleted by a user"),
        (replace(HANDED_OVER, lost=1), "1 tasks were lost when exec-0 went"),
        (replace(HANDED_OVER, done={"1": 11}), "So nothing shows that none was lost"),
    ],
    ids=["killed", "tasks lost", "work undone"],
)
def test_an_executor_that_handed_nothing_over_is_seen(loss: ExecutorLoss, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        loss.must_have_been_handed_over()
    assert not record.proofs


def test_an_executor_that_is_gone_at_once_hands_nothing_over(record: Record) -> None:
    gone = replace(LOSS, reason="The executor with id 1 was deleted by a user")
    gone.must_have_handed_nothing_over()
    for loss in (HANDED_OVER, replace(LOSS, reason="")):
        with pytest.raises(CheckFailed, match="exec-0 should have handed nothing over"):
            loss.must_have_handed_nothing_over()
    assert [proof.level for proof in record.proofs] == [Level.EXECUTED]


@pytest.fixture
def any_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give all statements the tag that the recorded jobs have."""
    monkeypatch.setattr("sparkproof.spark.work.new_tag", lambda: "")


@pytest.mark.usefixtures("any_tag")
@pytest.mark.parametrize(
    ("ending", "grace_s"),
    [(Ending.KILLED, 0), (Ending.DELETED, None), (Ending.EVICTED, None), (Ending.EVICTED_AT_ONCE, 0)],
)
@pytest.mark.parametrize(("host", "goes"), [("10.0.0.2", "exec-1"), ("10.0.0.1", "exec-0")])
def test_the_pod_that_goes_is_the_one_at_work(host: str, goes: str, ending: Ending, grace_s: int | None) -> None:
    platform = at_work(host)
    loss = ExecutorLoss.during_work(platform, ending)
    assert platform.kube.deleted == [("Pod", goes, grace_s)]
    evicted = ending in (Ending.EVICTED, Ending.EVICTED_AT_ONCE)
    assert platform.kube.names("Eviction") == ([goes] if evicted else [])
    assert loss.reason == "Executor decommission: Executor 1 is decommissioned."
    assert (loss.pod, loss.lost, loss.done) == (goes, 3, {"1": 1, "2": 1})
    loss.work.must_be_right()


@pytest.mark.usefixtures("any_tag", "one_look")
def test_nobody_goes_before_another_could_take_over() -> None:
    platform = at_work("10.0.0.8")
    with pytest.raises(GaveUp, match="2 executors at work for"):
        ExecutorLoss.during_work(platform, Ending.DELETED)
    assert not platform.kube.deleted


@pytest.mark.usefixtures("any_tag")
def test_an_executor_at_work_that_is_no_pod_is_told(record: Record) -> None:
    platform = at_work("10.0.0.77")
    with pytest.raises(CheckFailed, match=r"at work is at 10\.0\.0\.77, which is the address of none of the pods"):
        ExecutorLoss.during_work(platform, Ending.KILLED)
    assert not platform.kube.deleted
    assert not record.proofs


@pytest.mark.usefixtures("any_tag", "one_look")
def test_work_that_no_executor_takes_is_given_up() -> None:
    platform = at_work("10.0.0.1")
    platform.driver = RecordedDriver(jobs=[job("", 4)], stages=[stage(4)])
    with pytest.raises(CheckFailed, match="2 executors at work for"):
        ExecutorLoss.during_work(platform, Ending.KILLED)


@pytest.mark.usefixtures("any_tag")
def test_the_tasks_that_wait_are_those_that_nobody_runs_while_the_other_is_answered() -> None:
    sharing = FairSharing.during_work(at_work("10.0.0.1", waiting=2), executors=1)
    assert sharing.waiting == 2
    assert sharing.short.rows == ((4950,),)
    assert FairSharing.during_work(at_work("10.0.0.1"), executors=1).waiting == 0


@pytest.mark.usefixtures("any_tag")
def test_tasks_that_waited_only_before_the_short_query_did_not_wait_for_it() -> None:
    platform = at_work("10.0.0.1", waiting=2)

    def answers(statement: str) -> Reply:
        if "range(0, 100" not in statement:
            return [(66,)]
        platform.driver.stages[0]["numActiveTasks"] += 2
        return [(4950,)]

    platform.answers = answers
    assert FairSharing.during_work(platform, executors=1).waiting == 0


@pytest.mark.usefixtures("any_tag")
def test_the_short_query_is_that_of_another_client_who_goes_when_it_is_answered() -> None:
    """One client asks one thing after another, so its short query would wait for its own work."""
    apart: list[Session] = []

    class Shared(RecordedPlatform):
        def open_session_apart(self) -> Session:
            apart.append(RecordedPlatform(answers={"range(0, 100": [(7,)]}).open_session())
            return apart[0]

    found = at_work("10.0.0.1")
    sharing = FairSharing.during_work(Shared(found.kube, found.driver, found.answers), executors=1)
    assert sharing.short.rows == ((7,),)
    assert sharing.work.answer.rows == ((66,),)
    assert isinstance(place := apart[0].client.place, RecordedPlace)
    assert [each.closed for each in place.started] == [True]
