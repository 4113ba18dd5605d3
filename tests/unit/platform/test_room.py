"""Room that is made for a scenario that waits: unused platforms go, and what it shares or somebody uses stays."""

import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sparkproof.core import clock
from sparkproof.core.resources import Resources
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import POD, Manifest
from sparkproof.platform import room
from sparkproof.platform.classes import PlatformClaim
from sparkproof.tenancy.team import Team
from tests.support.recorded import manifest
from tests.unit.platform.test_releases import ASKS_FOR_TWO_CORES, LAKEHOUSE, Run, run

STANDALONE, TRACKING = PlatformClaim("standalone", "4.1.1"), PlatformClaim("tracking", "4.1.1")
HALF_A_CORE = {"name": "server", "resources": {"requests": {"cpu": "500m"}}}


def waiting(
    cpu: str = "600m",
    *,
    message: str = "0/1 nodes are available: 1 Insufficient cpu.",
    for_s: float = 60,
    namespace: str = "sparkproof-team",
) -> Manifest:
    """An executor that has found no room for so long, in a namespace of a scenario."""
    since = datetime.fromtimestamp(clock.now() - for_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"type": "PodScheduled", "status": "False", "message": message, "lastTransitionTime": since}
    spec = {"containers": [{"name": "executor", "resources": {"requests": {"cpu": cpu}}}]}
    labels = {"spark-role": "executor", "spark-app-name": "sum"}
    status = {"phase": "Pending", "conditions": [condition]}
    return manifest(POD, "exec-1", namespace, labels=labels, spec=spec, status=status)


def placed(waits: Manifest, name: str) -> Manifest:
    """Another executor of the same application, on a node."""
    about = {**waits["metadata"], "name": name}
    return {
        **waits,
        "metadata": about,
        "spec": {"nodeName": "node-1", "containers": []},
        "status": {"phase": "Running"},
    }


def room_made(own: Run, folder: Path, wanted: Resources, shared: Collection[str] = (), at_work: str = "") -> list[str]:
    """Make room beside three platforms of half a core each, the first of which has the most users to come."""
    releases = own.releases()
    users = {LAKEHOUSE: {"a", "b", "c"}, TRACKING: {"d"}, STANDALONE: {"e", "f"}}
    releases.share(users, folder)
    for claim in users:
        name = releases._namespace(claim)
        Team.create(own.kube, name, run="r1", shared=True)
        own.kube.add(manifest(POD, "server", name, spec={"nodeName": "node-1", "containers": [HALF_A_CORE]}))
        (folder / name / "shared.made").write_text("x")
        releases.shared[claim].arrive(at_work)
    releases.make_room(wanted, shared)
    return [name.removeprefix("sparkproof-").removesuffix("-411-r1") for name in own.kube.names("Namespace")]


@pytest.mark.parametrize(
    ("wanted", "shared", "at_work", "left"),
    [
        (0.5, [], "", ["lakehouse", "standalone", "tracking"]),
        (1.0, [], "", ["lakehouse", "standalone"]),
        (1.5, [], "", ["lakehouse"]),
        (9.0, [], "", []),
        (1.0, [str(TRACKING)], "", ["lakehouse", "tracking"]),
        (1.0, [], "d", ["lakehouse", "tracking"]),
    ],
    ids=["there is room", "one goes", "two go", "all go", "what it shares stays", "what is used stays"],
)
def test_room_is_made_by_platforms_that_nobody_uses_those_with_the_fewest_users_first(
    wanted: float, shared: list[str], at_work: str, left: list[str], tmp_path: Path
) -> None:
    assert room_made(run(cores=2), tmp_path, Resources(cpu=wanted), shared, at_work) == left


def test_one_platform_at_a_time_is_installed_and_what_stands_waits_for_none(tmp_path: Path) -> None:
    own, order, inside, done = run(cores=4), list[str](), threading.Event(), threading.Event()
    own.kube.add(manifest(POD, "server", "stands", spec={"nodeName": "node-1", "containers": [HALF_A_CORE]}))

    def install(name: str, then: Callable[[], object]) -> None:
        with own.releases_in(tmp_path).room.given("", name):
            order.append(name)
            then()

    def first() -> None:
        inside.set()
        done.wait(10)

    one = threading.Thread(target=install, args=("first", first))
    one.start()
    assert inside.wait(10)
    two = threading.Thread(target=install, args=("second", bool))
    two.start()
    install("stands", bool)
    two.join(0.5)
    assert (order, two.is_alive()) == (["first", "stands"], True)
    done.set()
    one.join(10)
    two.join(10)
    assert order == ["first", "stands", "second"]


def test_who_waits_for_room_keeps_nobody_from_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, installed = run(cores=1), list[str]()
    Team.create(own.kube, "at-work", run="r1")

    def look(_: str, observe: Callable[[], str], until: Callable[[str], bool], **__: object) -> None:
        if not until(observe()):
            with own.releases_in(tmp_path).room.given("", "small"):
                installed.append("small")
            raise GaveUp("room")

    monkeypatch.setattr(room, "eventually", look)
    with own.releases_in(tmp_path).room.given(ASKS_FOR_TWO_CORES, "large"):
        installed.append("large")
    assert installed == ["small", "large"]


@pytest.mark.parametrize(
    ("pods", "left"),
    [
        (lambda: [waiting()], ["lakehouse", "standalone"]),
        (lambda: [waiting("200m")], ["lakehouse", "standalone", "tracking"]),
        (lambda: [waiting(for_s=0)], ["lakehouse", "standalone", "tracking"]),
        (lambda: [waiting(message="node(s) didn't match Pod's affinity")], ["lakehouse", "standalone", "tracking"]),
        (lambda: [waiting(namespace="others")], ["lakehouse", "standalone", "tracking"]),
        (lambda: [waiting(), placed(waiting(), "exec-2")], ["lakehouse", "standalone"]),
        (
            lambda: [waiting(), placed(waiting(), "exec-2"), placed(waiting(), "exec-3")],
            ["lakehouse", "standalone", "tracking"],
        ),
    ],
    ids=["starves", "there is room", "just came", "another reason", "somebody else's", "is the second", "is the third"],
)
def test_work_that_finds_no_room_comes_before_platforms_that_a_scenario_waits_for(
    pods: Callable[[], list[Manifest]], left: list[str], tmp_path: Path
) -> None:
    own = run(cores=2)
    Team.create(own.kube, "sparkproof-team", run="r1")
    for each in pods():
        own.kube.add(each)
    every = [str(claim) for claim in (LAKEHOUSE, STANDALONE, TRACKING)]
    assert [name for name in room_made(own, tmp_path, Resources(cpu=9), every) if name != "team"] == left
