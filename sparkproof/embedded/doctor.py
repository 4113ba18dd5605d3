"""Finds what this machine lacks for the embedded cluster, with remedies, by trials in throw-away namespaces."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.build import debian, official, programs
from sparkproof.core import cache, process, timeouts
from sparkproof.core.aside import together
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import cgroups, room
from sparkproof.embedded.layout import Layout

_GIB = 2**30
_FREE_FOR_NODE = 3 * _GIB
_FREE_FOR_BUILDS = 12 * _GIB
_FREE_FOR_ARCHIVE = 2 * _GIB
_MEMORY = 3 * _GIB
# What a trial's folder is called, before the id of its process.
_TRIAL = ".sparkproof-trial-"
_CONTAINER_REMEDY = "run on the machine itself or a virtual one, or give the container --privileged"
_CONTROLLERS = {1: ("cpu", "cpuacct", "cpuset", "memory", "devices", "pids"), 2: ("cpu", "cpuset", "memory", "pids")}


@dataclass(frozen=True)
class Finding:
    """One thing that the cluster needs: what was looked at, what is wrong with it (None: nothing) and the remedy."""

    subject: str
    wrong: str | None = None
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: fine" if self.wrong is None else f"{self.subject}: {self.wrong}; {self.remedy}"


def examine(places: Layout) -> list[Finding]:
    """Look at everything the cluster needs, without changing anything; takes well under a second."""
    if os.geteuid() != 0:
        return [Finding("root", "this is a plain user", "run with sudo")]
    if (state := _state(places)).wrong:
        return [Finding("root"), state]
    checks: Sequence[Callable[[], Finding]] = (
        lambda: Finding("root"),
        lambda: state,
        _tools,
        _namespaces,
        lambda: _overlay(places),
        _virtual_links,
        _address_translation,
        _packet_queues,
        _controllers,
        _memory,
        lambda: _disk("the cluster's state", places.state, _FREE_FOR_NODE),
        lambda: _inodes(places),
        lambda: _disk("the cache", cache.root(), _needed_of_the_cache()),
        _go_modules,
        *([_official] if official.asked() else []),
    )
    return list(together(lambda check: check(), checks, at_once=len(checks)))


def must_be_fit(places: Layout) -> None:
    """Raise SparkproofError with one line for each thing that this machine lacks; nothing has been changed then."""
    if lacking := [finding for finding in examine(places) if finding.wrong]:
        lines = "".join(f"\n  {finding}" for finding in lacking)
        raise SparkproofError(f"This machine cannot run the embedded cluster yet:{lines}")


def _tools() -> Finding:
    """Tools that are missing are installed by `up`, if there is an apt to do it."""
    subject = "tools"
    missing = debian.missing(debian.NODE_TOOLS)
    if shutil.which("apt-get") or (not missing and debian.is_unpacked()):
        return Finding(subject)
    named = ", ".join(sorted({*missing, "containerd"}))
    return Finding(
        subject, f"{named} cannot be had, because there is no apt-get", "use Debian 12 or Ubuntu 22.04 or later"
    )


def _namespaces() -> Finding:
    return _tried(
        "namespaces",
        ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--mount-proc", "true"],
        remedy=_CONTAINER_REMEDY,
    )


def remove_killed_trials(folder: Path) -> None:
    """Remove what trials left in a folder whose process was killed."""
    for each in folder.glob(f"{_TRIAL}*"):
        if not Path("/proc", each.name.removeprefix(_TRIAL).partition("-")[0]).exists():
            shutil.rmtree(each, ignore_errors=True)


def _state(places: Layout) -> Finding:
    """The cluster's state must lie where files can be written, and where programs may run."""
    subject, folder, remedy = "the cluster's state", _existing(places.state), "set SPARKPROOF_STATE to another folder"
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as refused:
        # A full disk has findings of its own.
        if refused.errno == errno.ENOSPC:
            return Finding(subject)
        return Finding(subject, f"nothing can be written in {folder} ({refused.strerror})", remedy)
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return Finding(subject, f"no program may run in {folder} (mounted noexec)", remedy)
    return Finding(subject)


def _overlay(places: Layout) -> Finding:
    """Layers of images are overlaid on the disk that holds the cluster's state."""
    subject, state = "overlay file system", _existing(places.state)
    remove_killed_trials(state)
    try:
        with tempfile.TemporaryDirectory(dir=state, prefix=f"{_TRIAL}{os.getpid()}-") as folder:
            layers = [Path(folder, name) for name in ("lower", "upper", "work")]
            for each in layers:
                each.mkdir()
            lower, upper, work = layers
            options = f"lowerdir={lower},upperdir={upper},workdir={work}"
            return _tried(
                subject,
                ["unshare", "--mount", "mount", "-t", "overlay", "-o", options, "overlay", lower],
                remedy="load it (`modprobe overlay`), or set SPARKPROOF_STATE to a folder on ext4 or xfs",
            )
    except OSError as refused:
        return Finding(subject, f"it could not be tried in {state} ({refused.strerror})", "mend that, then ask again")


def _virtual_links() -> Finding:
    return _tried(
        "virtual network links",
        ["unshare", "--net", "ip", "link", "add", "one", "type", "veth", "peer", "name", "two"],
        remedy="load them (`modprobe veth`)",
        needs="ip",
    )


def _address_translation() -> Finding:
    """One rule that uses what the rules of Services use."""
    conditions = "-m comment --comment x -m conntrack --ctstate NEW -m statistic --mode random --probability 0.5"
    return _tried(
        "address translation",
        [
            "unshare", "--net", "iptables", "-t", "nat", "-A", "PREROUTING", "-p", "tcp", *conditions.split(),
            "-j", "DNAT", "--to-destination", "127.0.0.1:1",
        ],
        remedy="load it (`modprobe nf_nat xt_conntrack xt_statistic xt_comment nft_compat`)",
        needs="iptables",
    )  # fmt: skip


def _packet_queues() -> Finding:
    """One rule as those that hold connections until the network policies have been asked."""
    return _tried(
        "packet queues",
        ["unshare", "--net", "iptables", "-t", "mangle", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "1"],
        remedy="load them (`modprobe xt_NFQUEUE nfnetlink_queue nft_compat`)",
        needs="iptables",
    )


def _controllers() -> Finding:
    version = cgroups.version()
    subject = f"cgroup v{version} controllers"
    missing = [name for name in _CONTROLLERS[version] if name not in cgroups.controllers()]
    if missing:
        return Finding(
            subject,
            f"{', '.join(missing)} not there",
            "switch them on by the kernel's command line (cgroup_enable=...)",
        )
    if not os.access("/sys/fs/cgroup", os.W_OK):
        return Finding(subject, "/sys/fs/cgroup is read-only", _CONTAINER_REMEDY)
    return Finding(subject)


def _memory() -> Finding:
    if (available := room.memory_available()) < _MEMORY:
        return Finding(
            "memory", f"{available / _GIB:.1f} GiB available", f"free {_MEMORY / _GIB:.0f} GiB or add memory"
        )
    return Finding("memory")


def _disk(subject: str, folder: Path, needed: int) -> Finding:
    free = shutil.disk_usage(_existing(folder)).free
    if free < needed:
        return Finding(
            f"disk for {subject}",
            f"{free / _GIB:.1f} GiB free at {folder}, and {needed / _GIB:.0f} GiB is needed",
            f"free {(needed - free) / _GIB:.1f} GiB more there",
        )
    return Finding(f"disk for {subject}")


def _inodes(places: Layout) -> Finding:
    short = [lack for lack in room.Room.at(places).lacks() if "inodes" in lack]
    return Finding("inodes", *short[0].split(": ")) if short else Finding("inodes")


def _needed_of_the_cache() -> int:
    if programs.unbuilt():
        return _FREE_FOR_BUILDS
    # A digest that is not pinned is a finding of its own.
    with contextlib.suppress(official.Unavailable):
        if programs.unfetched() is None:
            return _GIB
    return _FREE_FOR_ARCHIVE


def _official() -> Finding:
    """The server of Kubernetes' archive is asked only when the archive has yet to be fetched."""
    subject = "official Kubernetes"
    try:
        if archive := programs.unfetched():
            archive.must_be_served()
    except official.Unavailable as lacking:
        return Finding(subject, lacking.seen, lacking.remedy)
    return Finding(subject)


def _go_modules() -> Finding:
    """The Go module proxy is asked only when a program has yet to be built."""
    if not programs.unbuilt():
        return Finding("programs")
    if (go := programs.machine_go()) is None:
        return Finding("programs")  # pip says itself what it cannot reach, before anything else happens
    return _tried(
        "Go module proxy",
        [str(go), "list", "-m", f"k8s.io/kubernetes@{programs.version('kubelet')}"],
        remedy="set GOPROXY (and HTTPS_PROXY, SSL_CERT_FILE) to one that can be reached from here",
    )


def _tried(subject: str, command: list[str | Path], *, remedy: str, needs: str | None = None) -> Finding:
    """Run `command` and return its finding; a tool it `needs` that `up` has yet to install is no problem."""
    if needs and needs in debian.missing(debian.NODE_TOOLS):
        return Finding(subject)
    try:
        environment = {**os.environ, "PATH": debian.search_path()}
        process.run(command, timeout_s=timeouts.TOOL, env=environment)
    except process.CommandFailed as refused:
        words = (refused.completed.stderr.strip() or str(refused)).splitlines()[-1]
        return Finding(subject, f"refused ({words})", remedy)
    return Finding(subject)


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
