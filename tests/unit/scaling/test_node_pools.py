"""Pools of nodes: one that brings the wrong node, late or beyond its limit, and a driver that is moved, are seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp, TooSlow
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import EVENT, NODE, NODE_CLAIM, NODE_POOL, POD, Manifest
from sparkproof.scaling import node_pools
from sparkproof.scaling.node_pools import DRIVER, WORK, NodePool
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, executor, manifest, pod

POOLS = sorted(path.stem for path in (examples.FOLDER / "node-pools").glob("*.yaml"))
FULL = Cause(Reason.QUOTA, "exceeded quota: team")
PROTECTED = {"karpenter.sh/do-not-disrupt": "true"}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "PLACEMENT", 0.1)
    monkeypatch.setattr(timeouts, "NODES_GONE", 0.1)


def a_pool(*objects: Manifest, cores: int = 0) -> NodePool:
    return NodePool.create(RecordedKube(*objects), "spot", run="r", cores=cores)


def a_node(pool: NodePool, name: str = "node-1", second: int = 10, kind: str = "spot", size: str = "small") -> Manifest:
    labels = {
        "karpenter.sh/nodepool": pool.name,
        "karpenter.sh/capacity-type": kind,
        "node.kubernetes.io/instance-type": size,
    }
    return manifest(NODE, name, None, labels=labels, metadata={"creationTimestamp": f"2026-01-01T12:00:{second:02}Z"})


def waiting(pool: NodePool, node: str = "node-1") -> RecordedPlatform:
    pool.kube.add(executor("exec-1", node=node, creationTimestamp="2026-01-01T12:00:00Z"))  # type: ignore[attr-defined]
    return RecordedPlatform(pool.kube, causes=[FULL])  # type: ignore[arg-type]


def recorded(pool: NodePool) -> RecordedKube:
    assert isinstance(pool.kube, RecordedKube)
    return pool.kube


def word(kind: str, name: str, reason: str, message: str, by: str = "karpenter") -> Manifest:
    about = {"kind": kind, "name": name}
    return manifest(
        EVENT, f"{name}-{reason}", involvedObject=about, reason=reason, message=message, reportingComponent=by
    )


@pytest.mark.parametrize("name", POOLS)
def test_no_pool_takes_what_does_not_say_so(name: str) -> None:
    taints = examples.node_pool(name)["spec"]["template"]["spec"]["taints"]
    assert any(taint["effect"] == "NoSchedule" for taint in taints)


def test_a_pool_is_the_runs_and_limited_only_when_asked() -> None:
    pool = recorded(a_pool(cores=2)).list(NODE_POOL)[0]
    assert pool["spec"]["limits"] == {"cpu": "2"}
    assert pool["spec"]["template"]["metadata"]["labels"]["sparkproof.dev/run"] == "r"
    assert "limits" not in recorded(a_pool()).list(NODE_POOL)[0]["spec"]


def test_executors_on_nodes_that_came_in_time_are_proved(record: Record) -> None:
    pool = a_pool()
    recorded(pool).add(a_node(pool))
    pool.must_bring(waiting(pool), 1, 20)
    assert record.level is Level.SIMULATED
    assert record.items[0].name == "nodes"
    for second in (0, 10, 20):
        at_the_limit = a_pool()
        recorded(at_the_limit).add(a_node(at_the_limit, second=second))
        at_the_limit.must_bring(waiting(at_the_limit), 1, 20)
        assert record.measured[-1] == ("from the pending executor to its node", second, "s", "at most 20 s")


def test_a_node_that_came_late_was_there_or_is_another_is_seen() -> None:
    late = a_pool()
    recorded(late).add(a_node(late, second=21))
    with pytest.raises(CheckFailed, match="came 21 s after it"):
        late.must_bring(waiting(late), 1, 20)
    with pytest.raises(CheckFailed, match="is on elsewhere, not on spot-"):
        late.must_bring(waiting(late, "elsewhere"), 1, 20)
    with pytest.raises(GaveUp, match=r"2 executors on nodes of spot-.*: exceeded quota: team"):
        late.must_bring(waiting(late), 2, 20)


def test_the_kind_of_nodes_is_compared() -> None:
    pool = a_pool()
    recorded(pool).add(a_node(pool), a_node(pool, "node-2"))
    pool.must_be_of("spot", "small")
    recorded(pool).add(a_node(pool, "node-3", size="large"))
    with pytest.raises(CheckFailed, match="not spot small"):
        pool.must_be_of("spot", "small")
    with pytest.raises(CheckFailed, match="are none, not spot small"):
        a_pool().must_be_of("spot", "small")


def test_nodes_that_stay_are_named() -> None:
    pool = a_pool()
    pool.must_be_empty()
    recorded(pool).add(a_node(pool))
    with pytest.raises(GaveUp, match="node-1"):
        pool.must_be_empty()
    claim = manifest(NODE_CLAIM, "claim-1", None, labels={"karpenter.sh/nodepool": pool.name})
    recorded(pool).add(claim)
    with pytest.raises(GaveUp, match="node-1"):
        pool.remove()
    assert recorded(pool).list(NODE_POOL) == []


def test_a_node_that_came_after_its_claim_had_gone_goes_with_the_pool() -> None:
    pool = a_pool()
    recorded(pool).add(a_node(pool))
    pool.remove()
    assert pool.nodes == []


def test_a_refusal_is_karpenters_and_no_node_is_there() -> None:
    pool = a_pool()
    platform = waiting(pool, "")
    recorded(pool).add(word("Pod", "exec-1", "FailedScheduling", "exceed limits", by="scheduler"))
    with pytest.raises(GaveUp, match=r"Karpenter's word on 1 executors .*: exceeded quota: team"):
        pool.must_refuse(platform, 1, "exceed limits")
    recorded(pool).add(word("Pod", "exec-1", "FailedScheduling", "exceed limits"))
    pool.must_refuse(platform, 1, "exceed limits")
    assert b"exceed limits" in evidence.current().items[-1].content
    recorded(pool).add(a_node(pool))
    with pytest.raises(CheckFailed, match="has 1 nodes beyond its limit"):
        pool.must_refuse(platform, 1, "exceed limits")


def test_a_node_that_is_taken_back_is_empty_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = a_pool()
    platform = waiting(pool)
    labels = {"karpenter.sh/nodepool": pool.name}
    recorded(pool).add(
        manifest(NODE_CLAIM, "claim-1", None, labels=labels, status={"nodeName": "node-1"}),
        manifest(NODE_CLAIM, "claim-2", None, labels=labels, status={"nodeName": "node-2"}),
    )
    pool.take_back_under(platform)
    assert recorded(pool).names(NODE_CLAIM.name) == ["claim-2"]
    with monkeypatch.context() as shorter, pytest.raises(GaveUp, match="the end of the pods on node-1"):
        shorter.setattr(NodePool, "_notice_s", 0.1)
        pool.must_be_left_in_time()
    recorded(pool).delete(POD, "exec-1", NAMESPACE)
    pool.taken = "node-1", datetime.now(UTC)
    pool.must_be_left_in_time()
    pool.taken = "node-1", datetime.now(UTC) - timedelta(seconds=20)
    with pytest.raises(TooSlow, match="was empty after 20 s, on a machine that is too slow to judge its 20 s"):
        pool.must_be_left_in_time()


@pytest.fixture
def driven() -> Any:
    """A pool with a copy of the driver on its node; pods that are put somewhere run at once."""

    class Runs(RecordedKube):
        def apply(self, given: Manifest, *, dry_run: bool = False) -> Manifest:
            applied = super().apply(given, dry_run=dry_run)
            if applied["kind"] == "Pod":
                self.add({**applied, "status": {"phase": "Running"}, "spec": {**applied["spec"], "nodeName": "node-1"}})
            return applied

    def make(*, protected: bool = True) -> NodePool:
        image = {"containers": [{"name": "spark", "image": "spark"}]}
        kube = Runs(pod("spark-connect-0", "connect", spec=image, annotations=PROTECTED))
        pool = NodePool.create(kube, "on-demand", run="r")
        kube.add(a_node(pool))
        pool.put_driver(RecordedPlatform(kube), 12, protected=protected)
        return pool

    return make


def test_a_copy_of_the_driver_has_its_protection_and_the_work_has_none(driven: Any) -> None:
    kube = recorded(driven())
    own = {name: (kube.get(POD, name, NAMESPACE) or {})["metadata"]["annotations"] for name in (DRIVER, WORK)}
    assert own == {DRIVER: PROTECTED, WORK: {}}
    bare = recorded(driven(protected=False)).get(POD, DRIVER, NAMESPACE) or {}
    assert bare["metadata"]["annotations"] == {}


def test_what_was_put_onto_a_pool_goes_with_it_and_the_driver_stays(driven: Any) -> None:
    pool = driven()
    pool.remove()
    assert recorded(pool).names("Pod") == ["spark-connect-0"]
    assert pool.nodes == []


def test_a_driver_and_work_on_two_nodes_show_nothing(driven: Any) -> None:
    pool = driven()
    pool.kube.add(a_node(pool, "node-2"))
    with pytest.raises(CheckFailed, match="on 2 nodes, and not on one"):
        pool.put_driver(RecordedPlatform(pool.kube), 12)


def test_a_driver_that_stays_does_so_by_karpenters_word(driven: Any) -> None:
    pool = driven()
    pool.end(WORK)
    with pytest.raises(GaveUp, match="Karpenter's word on node-1"):
        pool.must_keep(DRIVER)
    for half in ("pod another has karpenter.sh/do-not-disrupt", f"pod {DRIVER} has a budget"):
        pool.kube.add(word("Node", "node-1", "DisruptionBlocked", half))
        with pytest.raises(GaveUp, match="Karpenter's word on node-1"):
            pool.must_keep(DRIVER)
    pool.kube.add(word("Node", "node-1", "DisruptionBlocked", f"pod {DRIVER} has karpenter.sh/do-not-disrupt"))
    pool.must_keep(DRIVER)
    pool.kube.delete(POD, DRIVER, NAMESPACE)
    with pytest.raises(GaveUp, match=f"{DRIVER} is gone"):
        pool.must_keep(DRIVER)


def test_a_driver_that_is_gone_went_by_an_eviction(driven: Any) -> None:
    pool = driven()
    with pytest.raises(GaveUp, match=f"the end of {DRIVER}"):
        pool.must_evict(DRIVER)
    pool.kube.delete(POD, DRIVER, NAMESPACE)
    with pytest.raises(CheckFailed, match="does not say that it evicted it: nothing"):
        pool.must_evict(DRIVER)
    pool.kube.add(word("Pod", DRIVER, "Nominated", "Pod should schedule on: node-1"))
    with pytest.raises(CheckFailed, match=r"does not say that it evicted it: .*Nominated"):
        pool.must_evict(DRIVER)
    pool.kube.add(word("Pod", DRIVER, "Evicted", "Evicted pod: underutilized"))
    pool.must_evict(DRIVER)


def test_pools_of_killed_runs_are_swept_and_a_cluster_without_pools_has_none() -> None:
    kube = recorded(a_pool())
    assert len(node_pools.sweep(kube, run="other")) == 0
    assert len(node_pools.sweep(kube, run="r")) == 1
    assert kube.list(NODE_POOL) == []

    class Unknown(RecordedKube):
        def list(self, *_: Any, **__: Any) -> Any:
            raise Refused("list NodePools", self.code, "no matches")

        code = 404

    assert node_pools.sweep(Unknown(), run="r") == []
    Unknown.code = 500
    with pytest.raises(Refused):
        node_pools.sweep(Unknown(), run="r")
