"""Disks that fill up and files that get lost under a real embedded cluster: nothing of it needs a hand.

The node's folders are on a small disk of their own (a file with ext4 in it), so nothing else gets into trouble.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkproof.core import process, wait
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import configuration, doctor, health, layout, lifecycle, room
from sparkproof.embedded.layout import Layout
from tests.support.live import ON_A_CLUSTER
from tests.support.nodes import kubectl, must_be_gone, named
from tests.support.projects import OURS, ledger, project

pytestmark = [
    pytest.mark.trouble,
    pytest.mark.skipif(os.geteuid() != 0, reason="the embedded cluster needs root"),
]
_WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: workload}
spec:
  selector: {matchLabels: {app: workload}}
  template:
    metadata: {labels: {app: workload}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: workload
          image: localhost/sparkproof/busybox:v1
          args: [sh, -c, "while true; do busybox sleep 1; done"]
"""
_AVAILABLE = "jsonpath={.status.availableReplicas}"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 5 GiB with few inodes, whose content takes as much of the machine's disk as is written."""
    image = tmp_path_factory.mktemp("disk") / "disk.img"
    state = layout.DEFAULT_STATE.with_name("sparkproof-small")
    state.mkdir(exist_ok=True)
    with image.open("wb") as file:
        file.truncate(5 * 2**30)
    process.run(["mkfs.ext4", "-q", "-N", "60000", image], timeout_s=60)
    process.run(["mount", "-o", "loop", image, state], timeout_s=60)
    yield state
    process.run(["umount", state], timeout_s=60)
    image.unlink()
    state.rmdir()


@pytest.fixture
def small(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """The layout of a cluster on the small disk; none runs before and after, and its images stay."""
    monkeypatch.setenv("SPARKPROOF_STATE", str(disk))
    lifecycle.down()
    yield Layout(disk)
    shutil.rmtree(disk / "filling", ignore_errors=True)
    lifecycle.down()
    must_be_gone(Layout(disk))


def _with_a_workload(places: Layout, tmp_path: Path) -> None:
    lifecycle.up()
    (tmp_path / "workload.yaml").write_text(_WORKLOAD)
    kubectl(places, "apply", "--filename", str(tmp_path / "workload.yaml"))
    kubectl(places, "wait", "--for=condition=Available", "deployment/workload", "--timeout=60s", timeout_s=90)


def _must_run_again(places: Layout, within_s: float) -> None:
    """Wait until the cluster is up, with DNS, storage and the workload; nobody helps it."""
    wait.eventually("a cluster that is up", lifecycle.status, lambda seen: seen.state == "up", within_s=within_s)
    kubectl(places, "wait", "--for=condition=Available", "deployment/workload", "--timeout=120s", timeout_s=150)


def _fill_bytes(folder: Path) -> None:
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    process.run(["fallocate", "--length", str(free - 2**20), folder / "large"], timeout_s=60)
    process.run(["dd", "if=/dev/zero", f"of={folder / 'last'}", "bs=64k"], timeout_s=60, check=False)
    assert os.statvfs(folder).f_bavail == 0


def _fill_inodes(folder: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        for number in range(10**6):
            (folder / str(number)).touch()


@pytest.mark.parametrize(
    ("fill", "named_as"), [(_fill_bytes, "disk is free"), (_fill_inodes, "inodes are free")], ids=["bytes", "inodes"]
)
def test_a_disk_that_is_full_in_mid_run_and_free_again_needs_no_hand(
    small: Layout, tmp_path: Path, fill: Callable[[Path], None], named_as: str
) -> None:
    _with_a_workload(small, tmp_path)
    images = health.node_images(small).whole()
    filling = small.state / "filling"
    filling.mkdir()
    fill(filling)
    told = wait.eventually(
        "a status that names the full disk",
        lifecycle.status,
        lambda seen: named_as in seen.reason,
        within_s=120,
        every_s=1,
    )
    assert told.state == "broken"
    assert [str(each) for each in doctor.examine(small) if each.wrong and named_as.split()[0] in each.subject]
    with pytest.raises(SparkproofError, match=f"too little room: .*{named_as}"):
        lifecycle.refuse_without_room()
    # Long enough for the kubelet, which looks every ten seconds, to remove images if it would.
    time.sleep(25)
    shutil.rmtree(filling)
    _must_run_again(small, within_s=400)
    assert health.node_images(small).whole() == images
    lifecycle.up()
    assert kubectl(small, "get", "deployment", "workload", "--output", _AVAILABLE) == "1", "up left it alone"


_STEPS = """
from sparkproof.core import evidence, wait
from sparkproof.core.evidence import Level
from sparkproof.kube import diagnosis
from sparkproof.kube.objects import POD

@step("a team's pod becomes ready")
def becomes_ready(context):
    team = context.suite.team()
    context.add_cleanup(context.suite.remove, team)
    unprivileged = {"runAsNonRoot": True, "runAsUser": 1000, "allowPrivilegeEscalation": False}
    unprivileged |= {"capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {"name": "main", "image": "localhost/sparkproof/busybox:v1", "securityContext": unprivileged}
    container["command"] = ["busybox", "sleep", "600"]
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0}
    team.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "own"}, "spec": spec})
    wait.eventually(
        "a ready pod",
        lambda: team.kube.get(POD, "own", team.namespace) or {},
        diagnosis.ready, within_s=20,
        unrecoverable=diagnosis.unrecoverable,
        explain=lambda: diagnosis.why(team.kube, team.namespace),
    )
    evidence.prove(Level.EXECUTED, "it became ready")
"""


def test_a_run_names_the_disk_that_became_full_and_the_next_one_passes(small: Layout, tmp_path: Path) -> None:
    lifecycle.up()
    images = health.node_images(small).whole()
    scenarios = "".join(f"  Scenario: S{number}\n    Then a team's pod becomes ready\n" for number in range(8))
    folder = project(tmp_path, steps=_STEPS, environment=ON_A_CLUSTER, f=f"Feature: F\n{scenarios}")

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "behave", "-f", "null", "-r", OURS], cwd=folder)

    run = start()
    wait.eventually(
        "a first result", lambda: [*map(Path.read_text, folder.glob("reports/ledger.jsonl"))], any, within_s=60
    )
    (filling := small.state / "filling").mkdir()
    _fill_bytes(filling)
    assert run.wait(400) == 1
    shutil.rmtree(filling)
    reasons = [line["reason"] for line in ledger(folder) if line["outcome"] != "passed"]
    assert all("(0.0 GB of disk free" in each for each in reasons), reasons
    assert any("DiskPressure" in each or "disk pressure" in each for each in reasons), reasons
    wait.eventually("a cluster that is up", lifecycle.status, lambda seen: seen.state == "up", within_s=400)
    assert health.node_images(small).whole() == images
    assert start().wait(200) == 0, ledger(folder)


def test_images_that_a_running_node_has_lost_are_back_after_up(small: Layout, tmp_path: Path) -> None:
    _with_a_workload(small, tmp_path)
    images = health.node_images(small)
    lost = [each for each in images.listed() if "/pause:" in each or "/coredns:" in each]
    images.remove(lost)
    kubectl(small, "delete", "deployment", "coredns", "--namespace", "kube-system")
    seen = lifecycle.status()
    assert seen.state == "broken"
    assert all(each in seen.reason for each in (*lost, "kube-system/coredns"))
    lifecycle.up()
    assert lifecycle.status().state == "up"
    assert set(lost) <= images.whole()
    kubectl(small, "rollout", "restart", "deployment/workload")
    kubectl(small, "rollout", "status", "deployment/workload", "--timeout=60s", timeout_s=90)


def _lose_the_pause_image(places: Layout) -> None:
    lifecycle.up()
    health.node_images(places).remove([each for each in health.node_images(places).listed() if "/pause:" in each])


def _lose_a_layer(places: Layout) -> None:
    blobs = (places.images / "io.containerd.content.v1.content/blobs/sha256").iterdir()
    max(blobs, key=lambda each: each.stat().st_size).unlink()


def _lose_a_program(places: Layout) -> None:
    next(places.images.glob("*.overlayfs/snapshots/*/fs/usr/local/bin/etcd")).unlink()


def _lose_part_of_a_program(places: Layout) -> None:
    os.truncate(next(places.images.glob("*.overlayfs/snapshots/*/fs/usr/local/bin/kube-apiserver")), 2**20)


def _lose_the_database(places: Layout) -> None:
    (places.images / "io.containerd.metadata.v1.bolt/meta.db").unlink()


def _spoil_the_database(places: Layout) -> None:
    (places.images / "io.containerd.metadata.v1.bolt/meta.db").write_bytes(b"spoiled" * 4096)


def _lose_the_snapshots(places: Layout) -> None:
    shutil.rmtree(places.images / "io.containerd.snapshotter.v1.overlayfs")


@pytest.mark.parametrize(
    "lose",
    [
        _lose_the_pause_image, _lose_a_layer, _lose_a_program, _lose_part_of_a_program, _lose_the_database,
        _spoil_the_database, _lose_the_snapshots,
    ],
)  # fmt: skip
def test_an_image_store_that_has_lost_something_is_whole_after_the_next_up(
    small: Layout, tmp_path: Path, lose: Callable[[Layout], None]
) -> None:
    if not small.images.exists():
        lifecycle.up()
    lifecycle.down() if lose is not _lose_the_pause_image else None
    lose(small)
    lifecycle.down()
    _with_a_workload(small, tmp_path)
    assert lifecycle.status().state == "up"


def test_a_running_node_whose_images_have_lost_files_starts_anew(small: Layout) -> None:
    lifecycle.up()
    _lose_a_program(small)
    seen = lifecycle.status()
    assert seen.state == "broken"
    assert "etcd" in seen.reason
    lifecycle.up()
    assert lifecycle.status().state == "up"


@pytest.mark.parametrize("lost", ["member/wal", "member/snap/db"])
def test_an_etcd_that_has_lost_files_starts_anew(small: Layout, lost: str) -> None:
    lifecycle.up()
    path = small.state / "etcd" / "data" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    for pid in named(small, lambda command: command.startswith("etcd ")):
        os.kill(pid, signal.SIGKILL)
    lifecycle.up()
    wait.eventually("a cluster that is up", lifecycle.status, lambda seen: seen.state == "up", within_s=60)


def test_memory_pressure_is_named_and_passes(small: Layout, tmp_path: Path) -> None:
    _with_a_workload(small, tmp_path)
    config = small.config / "kubelet.yaml"
    own = config.read_text()
    # More than any machine in use has: the kubelet finds itself under pressure.
    config.write_text(own.replace("memory.available: 100Mi", "memory.available: 98%"))
    _restart_kubelet(small)
    told = wait.eventually(
        "a status that names the pressure", lifecycle.status, lambda seen: "MemoryPressure" in seen.reason, within_s=120
    )
    assert told.state == "broken"
    config.write_text(own)
    _restart_kubelet(small)
    _must_run_again(small, within_s=120)


def _restart_kubelet(places: Layout) -> None:
    for pid in named(places, lambda command: "config/kubelet.yaml" in command):
        os.kill(pid, signal.SIGKILL)


def test_the_images_of_the_node_are_pinned(small: Layout) -> None:
    lifecycle.up()
    images = health.node_images(small)
    pinned: list[str | Path] = [
        images.ctr, "--address", images.address, "--namespace", "k8s.io",
        "images", "list", 'labels."io.cri-containerd.pinned"==pinned',
    ]  # fmt: skip
    listed = process.run(pinned, timeout_s=30).stdout
    own = configuration.programs_of_images(images.ctr.parents[2])
    assert [each for each in own if each not in listed] == []
    assert room.EVICTED_BELOW_BYTES < doctor._FREE_FOR_NODE
