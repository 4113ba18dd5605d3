"""The provider for one namespace: what it refuses, what it skips, what makes room, and what it leaves."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkproof.cluster.target import Target
from sparkproof.core.errors import UsageError
from sparkproof.core.per_process import PerProcess
from sparkproof.core.resources import Resources
from sparkproof.kube import heartbeat
from sparkproof.kube.labels import OWNED, RELEASE, RUN
from sparkproof.kube.objects import CONFIG_MAP, LEASE, NAMESPACE, RESOURCE_QUOTA, SECRET, STATEFUL_SET, Manifest
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.one_namespace import InOneNamespace
from sparkproof.platform.provider import Needs
from sparkproof.platform.release import installed
from sparkproof.platform.sweep import sweep_in, sweep_leftovers
from tests.support import recorded
from tests.support.recorded import RecordedKube, manifest, workload

CHARTS = Path(__file__).resolve().parents[3] / "charts"
LAKEHOUSE = PlatformClaim("lakehouse", "4.1.1")
TRACKING = PlatformClaim("tracking", "4.1.1")
GIVEN = manifest(NAMESPACE, "given", None)


def sign(run: str, *, ago_s: float = 1) -> Manifest:
    renewed = (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    spec = {"holderIdentity": "elsewhere/1/1", "leaseDurationSeconds": heartbeat.EXPIRES_S, "renewTime": renewed}
    return manifest(LEASE, f"sparkproof-run-{run}", "given", labels={**OWNED, RUN: run}, spec=spec)


def quota(cpu: str, memory: str) -> Manifest:
    hard = {"requests.cpu": cpu, "requests.memory": memory}
    return manifest(RESOURCE_QUOTA, "theirs", "given", status={"hard": hard, "used": {"requests.cpu": "1"}})


@dataclass
class Run:
    kube: RecordedKube

    def provider(self) -> InOneNamespace:
        target = Target("recorded", self.kube, recorded.helm(), "registry", labels={RUN: "r1"})
        return InOneNamespace(PerProcess(lambda: target), "r1", CHARTS, namespace="given")


def run(*objects: Manifest) -> Run:
    ready = workload(STATEFUL_SET, "spark-connect")
    ready["metadata"].update(namespace="given", labels={RELEASE: "lakehouse-411-r1", RUN: "r1"})
    return Run(RecordedKube(GIVEN, ready, *objects))


def test_a_namespace_that_is_not_there_or_about_to_go_is_refused() -> None:
    own = run().provider()
    own.namespace = "nowhere"
    with pytest.raises(UsageError, match="There is no namespace nowhere on recorded"):
        own.supports([])
    going = {**GIVEN, "metadata": {**GIVEN["metadata"], "deletionTimestamp": "now"}}
    with pytest.raises(UsageError, match="Namespace given of recorded is about to go"):
        run(going).provider().supports([])


def test_one_run_at_a_time_works_there_and_shows_it() -> None:
    elsewhere = sign("r2")
    elsewhere["metadata"]["namespace"] = "another"
    own = run(sign("r0", ago_s=heartbeat.EXPIRES_S + 1), elsewhere)
    provider = own.provider()
    provider.supports([])
    assert own.kube.names(LEASE.name) == ["sparkproof-run-r0", "sparkproof-run-r1", "sparkproof-run-r2"]
    provider.end()
    assert own.kube.names(LEASE.name) == ["sparkproof-run-r0", "sparkproof-run-r2"]
    with pytest.raises(UsageError, match=r"Run r0 works in namespace given and gave a sign \d+ s ago"):
        run(sign("r0")).provider().supports([])


def test_what_needs_more_than_the_namespace_is_skipped_with_the_reason() -> None:
    own = run().provider()
    supports = own.supports(["gpu", "browser"])
    only = "this run has namespace given alone (-D namespace)"
    assert (supports["gpu"].enabled, supports["gpu"].reason) == (
        False,
        f"it needs what only the whole cluster shows, and {only}",
    )
    assert only not in supports["browser"].reason
    assert own.lack(Needs("4.1.1")) == ""
    assert own.lack(Needs("4.1.1", beyond="a namespace of its own")) == f"it needs a namespace of its own, and {only}"
    with pytest.raises(UsageError, match="needs a namespace of its own"):
        own.team("sparkproof-1", "r1")


def test_platforms_stand_beside_each_other_under_names_of_the_run(tmp_path: Path) -> None:
    own = run()
    provider = own.provider()
    provider.share({LAKEHOUSE: {"a"}, TRACKING: {"b"}}, tmp_path)
    names = {claim: provider._platform(claim).name for claim in provider.shared}
    assert names == {LAKEHOUSE: "lakehouse-411-r1", TRACKING: "tracking-411-r1"}
    release = installed(provider.shared[LAKEHOUSE].join())
    assert (release.name, release.team.namespace) == ("lakehouse-411-r1", "given")
    own.kube.add(manifest(SECRET, "other", "given", labels={RUN: "r1", RELEASE: "tracking-411-r1"}))
    provider.shared[LAKEHOUSE].leave("a")
    assert own.kube.names(STATEFUL_SET.name) == []
    assert own.kube.names(SECRET.name) == ["other"]
    assert own.kube.names(NAMESPACE.name) == ["given"]


def test_the_end_takes_what_the_run_made_and_leaves_the_namespace_and_the_rest() -> None:
    own = run(manifest(CONFIG_MAP, "a", "given", labels={RUN: "r1"}), manifest(CONFIG_MAP, "theirs", "given"))
    provider = own.provider()
    provider.end()
    assert own.kube.names(CONFIG_MAP.name) == ["a", "theirs"], "a cluster that was not reached is left alone"
    provider.supports([])
    provider.end()
    assert own.kube.names(CONFIG_MAP.name) == ["theirs"]
    assert own.kube.names(NAMESPACE.name) == ["given"]


def test_room_is_what_quotas_leave_and_unused_platforms_make_room(tmp_path: Path) -> None:
    assert run().provider().capacity() is None
    own = run(quota("1500m", "1Gi"))
    provider = own.provider()
    assert provider.capacity() == Resources(cpu=0.5, memory=2**30)
    provider.share({LAKEHOUSE: {"a"}, TRACKING: {"b"}}, tmp_path)
    provider.shared[LAKEHOUSE].join()
    with provider.room.given("", "given"):
        pass
    assert own.kube.names(STATEFUL_SET.name) == [], "two executors do not fit beside it"


def test_a_sweep_of_the_namespace_takes_ended_runs_and_spares_live_ones_and_others() -> None:
    made = [manifest(CONFIG_MAP, name, "given", labels={RUN: name}) for name in ("r0", "r1", "r2")]
    signs = [sign("r0", ago_s=heartbeat.EXPIRES_S + 1), sign("r1")]
    kube = RecordedKube(GIVEN, manifest(CONFIG_MAP, "theirs", "given"), *made, *signs)
    assert sweep_in(kube, "given", dry_run=True).removed == ["ConfigMap r0 in given", "ConfigMap r2 in given"]
    assert sweep_in(kube, "given", run="r2").removed == ["ConfigMap r2 in given"]
    swept = sweep_leftovers(kube)
    assert swept.removed == ["ConfigMap r0 in given"]
    (who, why), *others = swept.left.items()
    assert (who, others) == ("1 objects of run r1 in given", [])
    assert re.fullmatch(r"run r1 is alive: it gave a sign \d+ s ago", why)
    assert kube.names(CONFIG_MAP.name) == ["r1", "theirs"]
    assert kube.names(LEASE.name) == ["sparkproof-run-r1"]
    assert sweep_in(kube, "given", run="r0").removed == []


def test_what_is_young_and_has_no_sign_of_life_is_left() -> None:
    young = manifest(CONFIG_MAP, "a", "given", labels={RUN: "r1"})
    young["metadata"]["creationTimestamp"] = datetime.now(UTC).isoformat()
    swept = sweep_in(RecordedKube(GIVEN, young), "given")
    assert (swept.removed, list(swept.left)) == ([], ["1 objects of run r1 in given"])


def test_the_sign_of_life_is_in_the_namespace_that_is_given() -> None:
    own = run()
    own.provider().supports([])
    assert list(heartbeat.signs(own.kube, "given")) == ["r1"]


def test_what_a_dry_run_needs_there_goes_again() -> None:
    own = run()
    with own.provider()._rehearsal() as platform:
        assert platform(LAKEHOUSE).team.namespace == "given"
        own.kube.add(manifest(SECRET, "account", "given", labels={RUN: "r1"}), manifest(SECRET, "theirs", "given"))
    assert own.kube.names(SECRET.name) == ["theirs"]


def test_the_platforms_that_a_waiting_scenario_uses_stay(tmp_path: Path) -> None:
    own = run(quota("1500m", "1Gi"))
    provider = own.provider()
    provider.share({LAKEHOUSE: {"a"}}, tmp_path)
    provider.shared[LAKEHOUSE].join()
    provider.make_room(Resources(cpu=9), {str(LAKEHOUSE)})
    assert own.kube.names(STATEFUL_SET.name) == ["spark-connect"]
    provider.make_room(Resources(cpu=9), ())
    assert own.kube.names(STATEFUL_SET.name) == []
