"""Quotas: a job that runs beyond its team's, waits for another reason or gives way to somebody else, is seen."""

import json
from typing import Any

import pytest

from sparkproof.core import examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import CLUSTER_QUEUE, JOB, NAMESPACE, QUEUED_WORKLOAD, Kind, Manifest
from sparkproof.tenancy.quotas import QUEUE, TeamQueue
from sparkproof.tenancy.team import Team
from tests.support.recorded import RecordedKube, executor, manifest, pod

# As Kueue 0.17 writes them.
LATER = (
    "couldn't assign flavors to pod set main: insufficient unused quota for cpu in flavor any-node, 100m more needed"
)
NEVER = (
    "couldn't assign flavors to pod set main: insufficient quota for cpu in flavor any-node, previously considered "
    "podsets requests (0) + current podset request (300m) > maximum capacity (200m)"
)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUEUE", "POD_READY", "NAMESPACE_GONE"):
        monkeypatch.setattr(timeouts, name, 0.1)


class Kueue(RecordedKube):
    """A cluster with a Kueue that has quotas be active if it works, and whose jobs run at once."""

    active = "True"

    def apply(self, given: Manifest, *, dry_run: bool = False) -> Manifest:
        if given["kind"] == CLUSTER_QUEUE.name:
            given = {**given, "status": {"conditions": [{"type": "Active", "status": self.active}]}}
        if given["kind"] == JOB.name:
            uid = {"uid": f"uid-{given['metadata']['namespace']}-{given['metadata']['name']}"}
            status = {"ready": given["spec"]["parallelism"]}
            given = {**given, "metadata": {**given["metadata"], **uid}, "status": status}
        return super().apply(given, dry_run=dry_run)


def a_team(kube: RecordedKube, namespace: str = "team") -> Team:
    kube.add(manifest(NAMESPACE, namespace, None))
    return Team(kube, namespace)


def a_queue(count: int = 2, **rest: Any) -> TeamQueue:
    return TeamQueue.create(a_team(Kueue(**rest)), count, run="r", image="spark")


def recorded(queue: TeamQueue) -> Kueue:
    assert isinstance(queue.team.kube, Kueue)
    return queue.team.kube


def say(queue: TeamQueue, name: str, message: str, *, of: Kind = JOB, condition: str = "QuotaReserved") -> None:
    """Have Kueue say this of a job or pod; it waits or, for another condition, it has this condition."""
    status = "False" if condition == "QuotaReserved" else "True"
    conditions = [
        {"type": "Other", "status": status, "message": "another"},
        {"type": condition, "status": status, "message": message},
    ]
    owners = {"ownerReferences": [{"kind": of.name, "name": name}]}
    own = manifest(QUEUED_WORKLOAD, f"{of.name}-{name}".lower(), queue.team.namespace, metadata=owners)
    recorded(queue).add({**own, "status": {"conditions": conditions}})


def hold(queue: TeamQueue, job: str, message: str = LATER) -> None:
    recorded(queue).patch(JOB, job, {"status": {"ready": 0}}, queue.team.namespace)
    say(queue, job, message)


def test_a_quota_is_the_teams_alone_and_the_runs() -> None:
    kube = recorded(a_queue(3))
    (flavor,), (quota,) = kube.list(Kind("ResourceFlavor")), kube.list(CLUSTER_QUEUE)
    assert all(each["metadata"]["labels"]["sparkproof.dev/run"] == "r" for each in (flavor, quota))
    assert quota["spec"]["cohortName"] == flavor["metadata"]["name"]
    assert quota["spec"]["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "team"}}
    (own,) = quota["spec"]["resourceGroups"][0]["flavors"]
    assert own["name"] == flavor["metadata"]["name"]
    assert {each["name"]: each["nominalQuota"] for each in own["resources"]} == {"cpu": "300m", "memory": "64Gi"}
    (queue,) = kube.list(Kind("LocalQueue"), "team")
    assert (queue["metadata"]["name"], queue["spec"]["clusterQueue"]) == ("team", "team")
    labels = (kube.get(NAMESPACE, "team") or {})["metadata"]["labels"]
    assert labels["kueue.x-k8s.io/managed-namespace"] == "true"


def test_a_quota_that_kueue_does_not_use_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kueue, "active", "False")
    with pytest.raises(GaveUp, match="the quota of team in Kueue"):
        a_queue()


def test_two_teams_that_lend_each_other_have_one_cohort_and_quotas_of_their_own() -> None:
    queue = a_queue()
    other = queue.lend_to(a_team(queue.team.kube, "other"), 1, run="r")  # type: ignore[arg-type]
    assert other.cohort == queue.cohort != a_queue().cohort
    assert recorded(queue).names("ClusterQueue") == ["other", "team"]
    assert recorded(queue).names("ResourceFlavor") == [queue.cohort]


def test_jobs_are_of_the_usual_size_and_name_the_queue_unless_they_are_not_to() -> None:
    queue = a_queue()
    assert queue.start(2) == ["job-0", "job-1"]
    assert queue.start(size=3) == ["job-2"]
    assert queue.start(queued=False) == ["job-3"]
    jobs = [recorded(queue).get(JOB, f"job-{number}", "team") or {} for number in range(4)]
    assert [each["metadata"]["labels"].get(QUEUE) for each in jobs] == ["team", "team", "team", None]
    assert [each["spec"]["parallelism"] for each in jobs] == [1, 1, 3, 1]
    containers = [each["spec"]["template"]["spec"]["containers"][0] for each in jobs]
    assert {each["image"] for each in containers} == {"spark"}
    assert {each["resources"]["requests"]["cpu"] for each in containers} == {"100m"}
    assert examples.values("queues its executors")["executor"]["cpuRequest"] == "100m"


def test_all_pods_of_a_job_have_to_run(record: Record) -> None:
    queue = a_queue()
    jobs = queue.start(2)
    queue.must_run(jobs)
    assert record.level is Level.EXECUTED
    recorded(queue).patch(JOB, "job-1", {"status": {"ready": 0}}, "team")
    recorded(queue).add(pod("job-1-a", status={"conditions": [{"type": "PodScheduled", "status": "False"}]}))
    with pytest.raises(GaveUp, match=r"the start of job-0, job-1 in team .*: pod job-1-a finds no node"):
        queue.must_run(jobs)
    with pytest.raises(GaveUp, match="the start of"):
        queue.must_run([])


def test_a_job_waits_for_the_reason_that_is_named_and_has_no_pod(record: Record) -> None:
    queue = a_queue()
    jobs = queue.start(size=3)
    with pytest.raises(GaveUp, match="Kueue's word '> maximum capacity' on job-0 of team"):
        queue.must_hold(jobs, "> maximum capacity")
    hold(queue, "job-0", NEVER)
    of_another = pod("job-0-b", labels={"batch.kubernetes.io/job-name": "job-0"})
    of_another["metadata"]["namespace"] = "other"
    recorded(queue).add(of_another, pod("of-no-job"))
    queue.must_hold(jobs, "(300m) > maximum capacity (200m)")
    assert (record.level, record.proofs[-1].seen) == (Level.EXECUTED, "job-0 of team waits")
    assert json.loads(record.items[-1].content) == {"job-0": NEVER}
    with pytest.raises(GaveUp, match="Kueue's word 'unused' on job-0"):
        queue.must_hold(jobs, "unused")
    with pytest.raises(GaveUp, match="Kueue's word"):
        queue.must_hold([], "")
    recorded(queue).add(pod("job-0-a", labels={"batch.kubernetes.io/job-name": "job-0"}))
    with pytest.raises(CheckFailed, match="job-0 should wait, as Kueue says, but has pods"):
        queue.must_hold(jobs, "maximum capacity")


def test_what_names_no_queue_runs_and_kueue_does_not_know_it(record: Record) -> None:
    queue = a_queue(1)
    queue.start()
    waiting, free = queue.start(), queue.start(queued=False)
    hold(queue, waiting[0])
    queue.must_run_beside(free, waiting, "insufficient unused quota")
    assert record.proofs[-1].seen == "Kueue does not know job-2, which name no queue"
    with pytest.raises(GaveUp, match="Kueue's word 'maximum' on job-1"):
        queue.must_run_beside(free, waiting, "maximum")
    say(queue, "job-2", "", condition="Admitted")
    with pytest.raises(CheckFailed, match="Kueue counts job-2 of team, which name no queue"):
        queue.must_run_beside(free, waiting, "insufficient unused quota")


@pytest.mark.parametrize(("borrowed", "right"), [("200m", True), ("0.2", True), ("100m", False), ("0", False)])
def test_what_a_team_borrows_is_compared(borrowed: str, right: bool, record: Record) -> None:
    queue = a_queue()
    used = [{"name": "cpu", "total": "400m", "borrowed": borrowed}, {"name": "memory", "borrowed": "200m"}]
    status = {"flavorsUsage": [{"name": queue.cohort, "resources": used}]}
    recorded(queue).patch(CLUSTER_QUEUE, queue.name, {"status": status})
    if right:
        queue.must_borrow(2)
        assert record.proofs[-1].seen == "team borrows 200m of cores, and has 200m"
    else:
        with pytest.raises(GaveUp, match="what team borrows for 2 jobs"):
            queue.must_borrow(2)


def test_nobody_borrows_before_kueue_counts() -> None:
    with pytest.raises(GaveUp, match="last seen: 0"):
        a_queue().must_borrow(2)


def preempted(by: str, reason: str = "reclamation within the cohort") -> str:
    paths = "preemptor path: /cohort/other; preemptee path: /cohort/team"
    return f"Preempted to accommodate a workload (UID: w, JobUID: {by}) due to {reason}; {paths}"


@pytest.fixture
def lent() -> tuple[TeamQueue, TeamQueue]:
    """Two queues of a cohort, the jobs of one of which, beyond its quota, gave way to those of the other."""
    queue = a_queue()
    other = queue.lend_to(a_team(queue.team.kube, "other"), 2, run="r")  # type: ignore[arg-type]
    queue.start(3)
    other.start(1)
    recorded(queue).patch(JOB, "job-2", {"status": {"ready": 0}}, "team")
    return queue, other


def test_jobs_give_way_to_those_of_the_owner_and_others_run_on(
    lent: tuple[TeamQueue, TeamQueue], record: Record
) -> None:
    queue, other = lent
    word = preempted("uid-other-job-0")
    say(queue, "job-2", word, condition="Preempted")
    queue.must_give_way(1, other)
    assert record.proofs[-1].seen == "job-2 gave way, and job-0, job-1 run on"
    assert json.loads(record.items[-1].content) == {"job-2": word}
    with pytest.raises(GaveUp, match="2 jobs of team that give way"):
        queue.must_give_way(2, other)
    recorded(queue).patch(JOB, "job-1", {"status": {"ready": 0}}, "team")
    with pytest.raises(GaveUp, match="the start of job-0, job-1"):
        queue.must_give_way(1, other)


def test_a_job_that_is_to_give_way_and_runs_on_is_seen(lent: tuple[TeamQueue, TeamQueue]) -> None:
    queue, other = lent
    say(queue, "job-1", preempted("uid-other-job-0"), condition="Preempted")
    with pytest.raises(GaveUp, match="1 jobs of team that give way"):
        queue.must_give_way(1, other)


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        (preempted("uid-team-job-0"), "not to a job of other"),
        (preempted("uid-other-job-0", "prioritization in the ClusterQueue"), "not to give back what it borrowed"),
    ],
)
def test_a_job_that_gave_way_to_somebody_else_or_for_another_reason_is_seen(
    word: str, wrong: str, lent: tuple[TeamQueue, TeamQueue]
) -> None:
    queue, other = lent
    say(queue, "job-2", word, condition="Preempted")
    with pytest.raises(CheckFailed, match=f"job-2 gave way, but {wrong}"):
        queue.must_give_way(1, other)


def test_executors_gave_way_to_who_had_lent(lent: tuple[TeamQueue, TeamQueue]) -> None:
    _, other = lent
    other.must_have_taken_back({"2": preempted("uid-other-job-0")})
    with pytest.raises(CheckFailed, match="2 gave way, but not to give back what it borrowed"):
        other.must_have_taken_back({"2": preempted("uid-other-job-0", "prioritization in the ClusterQueue")})


def test_an_owners_job_that_is_gone_is_nobody_to_give_way_to(lent: tuple[TeamQueue, TeamQueue]) -> None:
    queue, other = lent
    say(queue, "job-2", preempted("uid-other-job-0"), condition="Preempted")
    other.end(other.jobs)
    with pytest.raises(CheckFailed, match="not to a job of other"):
        queue.must_give_way(1, other)


def test_pods_that_the_queue_holds_are_those_with_its_gate() -> None:
    queue = a_queue()
    gates = {"held": ["kueue.x-k8s.io/admission"], "other": ["other/gate"], "free": []}
    for name, own in gates.items():
        spec = {"schedulingGates": [{"name": each} for each in own]}
        recorded(queue).add(executor(name, labels={QUEUE: "team"}, spec=spec))
    recorded(queue).add(executor("unqueued", spec={"schedulingGates": [{"name": "kueue.x-k8s.io/admission"}]}))
    assert [each["metadata"]["name"] for each in queue.gated()] == ["held"]


def test_a_refused_pod_is_refused_by_the_words_that_are_named(record: Record) -> None:
    def webhook(each: Manifest) -> Refused | None:
        refused = Refused("apply Pod", 500, 'failed calling webhook "mpod.kb.io"')
        return refused if each["kind"] == "Pod" and each["spec"]["containers"][0]["image"] == "spark" else None

    a_queue(refuse=webhook).must_refuse_pods("failed calling webhook")
    assert record.level is Level.ADMITTED
    with pytest.raises(CheckFailed, match="not because of PodSecurity: failed calling"):
        a_queue(refuse=webhook).must_refuse_pods("PodSecurity")
    with pytest.raises(CheckFailed, match="would have admitted a pod of team past the queue"):
        a_queue().must_refuse_pods("failed calling webhook")


def test_a_quota_goes_with_all_that_uses_it_and_one_that_stays_is_told() -> None:
    queue = a_queue()
    queue.start(2)
    recorded(queue).add(executor("queued", labels={QUEUE: "team"}), executor("free"))
    queue.remove()
    assert [recorded(queue).names(kind) for kind in ("Job", "ClusterQueue", "ResourceFlavor")] == [[], [], []]
    assert recorded(queue).names("Pod") == ["free"]
    with pytest.raises(GaveUp, match="the end of ClusterQueue team"):
        a_queue(staying=["team"]).remove()


def test_what_kueue_says_is_kept(record: Record) -> None:
    queue = a_queue()
    say(queue, "job-0", LATER)
    queue.evidence()
    assert [each.name for each in record.items] == ["quota team", "workloads in team"]
    assert LATER in bytes(record.items[-1].content).decode()
