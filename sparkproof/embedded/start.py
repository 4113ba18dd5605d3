"""Starts the embedded cluster from nothing and waits until its DNS and storage run."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from sparkproof.build import debian, programs, scratch
from sparkproof.core import cache, timeouts, wait
from sparkproof.core.aside import aside
from sparkproof.core.errors import Cause, Reason, SparkproofError
from sparkproof.core.progress import doing
from sparkproof.embedded import addons, api, configuration, layout, node
from sparkproof.embedded.boot import Boot
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout

_NO_CONTAINER = re.compile("CreatePodSandboxError|(Create|Run)ContainerError|ImageInspectError|ErrImagePull")


def start(places: Layout) -> None:
    """Bring the cluster up in `places`, where nothing of another one may be left, on a machine that is fit for it.

    Raises SparkproofError with the last words of the part that did not come up.
    """
    packages = aside(_packages)
    built = {name: str(programs.build(name)) for name in programs.of_the_cluster()}
    unpacked = packages.result()
    archive = images_archive(unpacked)
    shutil.rmtree(places.logs, ignore_errors=True)
    places.logs.mkdir(parents=True)
    configuration.write(places, unpacked)
    Cgroup(places.cgroup).create()
    with doing("starting the embedded cluster"), _listen() as listening:
        port = listening.getsockname()[1]
        own = configuration.programs_of_images(unpacked)
        Boot(str(places.state), str(unpacked), built, str(archive), own, listening.fileno()).write(places.boot)
        _await_api(places, port, _spawn(places, unpacked, listening))
        _write_kubeconfig(places, port)
    with doing("starting cluster DNS and storage"):
        addons.start(places)
    running = api.Running(port, programs.version("kubelet"), programs.PROGRAMS["kubelet"].official)
    _write_atomically(places.running, json.dumps(running.as_json()))


def _packages() -> Path:
    """Install the tools that the node needs and return the folder of the packages that are only unpacked."""
    debian.install(debian.NODE_TOOLS)
    return debian.unpacked()


def images_archive(unpacked: Path) -> Path:
    """The archive of the images of the cluster's own pods, written when one of their programs has changed."""
    wanted = configuration.images(unpacked)
    key = cache.digest(*(f"{image.reference} {image.program} {list(image.links)}" for image in wanted))
    name = "images.tar"
    return cache.entry("control-plane", key, lambda folder: scratch.write_archive(wanted, folder / name)) / name


def no_container_started(places: Layout) -> bool:
    """True if the kubelet of a start that failed says that it could not start a container or a pod's sandbox."""
    log = places.logs / "kubelet.log"
    return log.exists() and bool(_NO_CONTAINER.search(log.read_text(errors="replace")))


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


def _spawn(places: Layout, unpacked: Path, listening: socket.socket) -> "subprocess.Popen[bytes]":
    """Start the node's first process, detached from this one, with the log file as its output."""
    with places.node_log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", node.__name__, "enter", str(places.boot)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(listening.fileno(),),
            start_new_session=True,
            cwd="/",
            env=_environment(places, unpacked),
        )


def _environment(places: Layout, unpacked: Path) -> Mapping[str, str]:
    """The node's environment; nothing of the caller's: proxies, mirrors and certificates mean nothing in there."""
    scratch_folder = places.state / "tmp"
    scratch_folder.mkdir(exist_ok=True)
    return {
        "PATH": f"{unpacked / 'usr' / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "TMPDIR": str(scratch_folder),
    }


def _await_api(places: Layout, port: int, started: "subprocess.Popen[bytes]") -> None:
    def unrecoverable(_: object) -> str | None:
        return None if started.poll() is None else "the node has ended"

    try:
        wait.eventually(
            "the embedded cluster's API server",
            lambda: api.readiness(places, port),
            lambda answer: answer == api.READY,
            within_s=timeouts.CLUSTER_UP,
            unrecoverable=unrecoverable,
            explain=lambda: [Cause(Reason.PROGRAM, _last_lines(places.node_log))],
        )
    except wait.GaveUp as late:
        raise SparkproofError(f"{late}\nThe logs of its parts are in {places.logs}.") from late


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


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])
