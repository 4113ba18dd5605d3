"""The embedded cluster's life: up, down, status, and images loaded into its node."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from filelock import FileLock

import sparkproof
from sparkproof import process, timeouts, wait
from sparkproof.cluster import binaries, cache, configuration, debian, layout, node, scratch
from sparkproof.cluster.cgroups import Cgroup
from sparkproof.cluster.layout import Layout
from sparkproof.errors import SparkproofError
from sparkproof.progress import doing

_PER_CLUSTER = ("kubernetes", "kubelet", "cni", "etcd", "local-path", "config")


@dataclass(frozen=True)
class Status:
    """What the embedded cluster is now: `state` is "up", "starting", "broken" or "down"; memory in bytes."""

    state: str
    reason: str
    server: str | None
    kubeconfig: Path | None
    version: str | None
    memory_bytes: int | None


def up() -> Path:
    """Have the cluster up, its DNS and storage included, and return the path of the administrator's kubeconfig.

    A cluster that runs is left alone; what a killed start or stop left behind is removed first. Two callers at once
    get one cluster. Raises SparkproofError with the remedy when this machine lacks something.
    """
    places = layout.layout()
    _must_be_root()
    if not _is_up(places):
        with _locked(places):
            if not _is_up(places):
                _clear(places)
                _start(places)
    return places.kubeconfig


def down() -> None:
    """End the cluster and remove what it had; its images and logs stay. Nothing to end is fine."""
    places = layout.layout()
    _must_be_root()
    with _locked(places), doing("stopping the embedded cluster"):
        _clear(places)


def status() -> Status:
    """Look at the cluster without changing anything; takes well under a second."""
    raise NotImplementedError


def load(archive: Path, reference: str) -> None:
    """Import the image `reference` from `archive` (docker or OCI format) into the node, unless it is there already.

    Raises SparkproofError when the cluster is not up, process.CommandFailed when the archive cannot be read.
    """
    places = layout.layout()
    if (first := Cgroup(places.cgroup).first_process()) is None:
        raise SparkproofError("The embedded cluster is not up, so no image can be loaded: run `sparkproof up` first.")
    # The node's own /run, seen from the host.
    address = f"/proc/{first}/root/run/containerd/containerd.sock"
    ctr = [str(debian.unpacked() / "usr" / "bin" / "ctr"), "--address", address, "--namespace", "k8s.io", "images"]
    if not process.run([*ctr, "list", "--quiet", f"name=={reference}"], timeout_s=timeouts.TOOL).stdout.strip():
        with doing(f"loading {reference} into the node"):
            process.run([*ctr, "import", archive], timeout_s=timeouts.IMAGE_IMPORT)


def _start(places: Layout) -> None:
    debian.install_tools()
    unpacked = debian.unpacked()
    programs = {name: str(binaries.build(name)) for module in binaries.MODULES for name in module.programs}
    archive = _images_archive(unpacked)
    shutil.rmtree(places.logs, ignore_errors=True)
    places.logs.mkdir(parents=True)
    configuration.write(places, unpacked)
    Cgroup(places.cgroup).create()
    with doing("starting the embedded cluster"), _listen() as listening:
        port = listening.getsockname()[1]
        boot = node.Boot(str(places.state), str(unpacked), programs, str(archive), listening.fileno())
        boot.write(places.boot)
        started = _spawn(places, listening)
        _await_api(places, port, started)
        _write_kubeconfig(places, port)
    kubectl = _Kubectl(Path(programs["kubectl"]), places.kubeconfig)
    with doing("starting cluster DNS and storage"):
        kubectl("apply", "--server-side", "--force-conflicts", "--filename", places.config / "addons")
        kubectl("wait", "--for=create", f"node/{layout.NODE_NAME}", f"--timeout={timeouts.CLUSTER_UP:g}s")
        kubectl("wait", "--for=condition=Ready", f"node/{layout.NODE_NAME}", f"--timeout={timeouts.CLUSTER_UP:g}s")
        kubectl(
            "wait", "--for=condition=Available", "deployment", "--all", "--all-namespaces",
            f"--timeout={timeouts.CLUSTER_UP:g}s",
        )  # fmt: skip
    _write_atomically(places.running, json.dumps({"port": port}))


@dataclass(frozen=True)
class _Kubectl:
    binary: Path
    kubeconfig: Path

    def __call__(self, *arguments: str | Path) -> str:
        command = [self.binary, "--kubeconfig", self.kubeconfig, *arguments]
        return process.run(command, timeout_s=timeouts.CLUSTER_UP + timeouts.TOOL).stdout


def _images_archive(unpacked: Path) -> Path:
    """The archive of the images of the cluster's own pods, written when one of their programs has changed."""
    wanted = configuration.images(unpacked)
    key = cache.digest(*(f"{image.reference} {image.program} {list(image.links)}" for image in wanted))
    name = "images.tar"
    return cache.entry("control-plane", key, lambda folder: scratch.write_archive(wanted, folder / name)) / name


def _spawn(places: Layout, listening: socket.socket) -> "subprocess.Popen[bytes]":
    """Start the node's first process, detached from this one, with the log file as its output."""
    with places.node_log.open("ab") as log:
        path = f"{debian.unpacked() / 'usr' / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.Popen(
            [sys.executable, "-m", node.__name__, "enter", str(places.boot)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(listening.fileno(),),
            start_new_session=True,
            cwd="/",
            # Nothing of the caller's environment: its proxies, mirrors and certificates mean nothing in there.
            env={
                "PATH": path,
                "PYTHONPATH": str(Path(sparkproof.__file__).parents[1]),
                "HOME": "/root",
                "LANG": "C.UTF-8",
            },
        )


@contextlib.contextmanager
def _listen() -> Iterator[socket.socket]:
    """A listening socket at the loopback address: at the usual port, or at a free one when that is taken."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", layout.API_PORT))
        except OSError:
            listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        yield listening


def _await_api(places: Layout, port: int, started: "subprocess.Popen[bytes]") -> None:
    def hopeless(_: object) -> str | None:
        return None if started.poll() is None else "the node has ended"

    wait.eventually(
        "the API server",
        lambda: _ready(places, port),
        lambda answer: answer == "ok",
        within_s=timeouts.CLUSTER_UP,
        hopeless=hopeless,
        explain=lambda: _last_lines(places),
    )


def _ready(places: Layout, port: int) -> str:
    """What the API server answers to the question whether it is ready: "ok", or why not."""
    authority = places.kubernetes / "pki" / "ca.crt"
    if not authority.exists():
        return "the node has no certificates yet"
    try:
        context = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=timeouts.API_CALL, context=context)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return connection.getresponse().read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as refused:
        return f"{type(refused).__name__}: {refused}"


def _is_up(places: Layout) -> bool:
    try:
        port = json.loads(places.running.read_text())["port"]
    except (OSError, ValueError, KeyError):
        return False
    return Cgroup(places.cgroup).first_process() is not None and _ready(places, port) == "ok"


def _clear(places: Layout) -> None:
    """Remove whatever runs or lies about of a cluster, finished or not; images and logs stay."""
    places.running.unlink(missing_ok=True)
    cgroup = Cgroup(places.cgroup)
    cgroup.kill()
    cgroup.remove()
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    if inside := [path for path in mounted if places.state in Path(path).parents]:
        raise SparkproofError(f"{inside[0]} is a mount that the cluster did not make: unmount it, then try again.")
    for name in _PER_CLUSTER:
        shutil.rmtree(places.state / name, ignore_errors=True)
    places.kubeconfig.unlink(missing_ok=True)


def _write_kubeconfig(places: Layout, port: int) -> None:
    """kubeadm's kubeconfig of the administrator, with the address at which the host reaches the API server."""
    config = yaml.safe_load((places.kubernetes / "super-admin.conf").read_text())
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    _write_atomically(places.kubeconfig, yaml.safe_dump(config))


def _write_atomically(path: Path, content: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.touch(mode=0o600)
    partial.write_text(content)
    partial.rename(path)


def _last_lines(places: Layout) -> str:
    try:
        return "\n".join(places.node_log.read_text(errors="replace").splitlines()[-8:])
    except OSError:
        return ""


@contextlib.contextmanager
def _locked(places: Layout) -> Iterator[None]:
    places.state.mkdir(parents=True, exist_ok=True)
    with FileLock(places.lock):
        yield


def _must_be_root() -> None:
    if os.geteuid() != 0:
        raise SparkproofError("The embedded cluster needs root for its namespaces and mounts: run this with sudo.")
