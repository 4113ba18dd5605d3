"""Mounts of the node: folders of its own where Kubernetes expects them, while the host's files stay as they are."""

from pathlib import Path

from sparkproof.core import process, timeouts
from sparkproof.embedded import layout
from sparkproof.embedded.layout import Layout

# The kubelet writes these values where they differ: settings of the whole machine, which the node must not change.
_KUBELET_SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def isolate(places: Layout) -> None:
    """Give the node folders of its own where Kubernetes expects them; the host's files stay as they are."""
    _mount("--bind", places.state, places.state)
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for folder in (Path("/etc"), Path("/var/lib")):
        _overlay(folder)
    for source, target in {
        places.kubernetes: Path("/etc/kubernetes"),
        places.images: Path("/var/lib/containerd"),
        places.logs: Path("/var/log"),
        **{places.state / name: Path("/var/lib") / name for name in ("kubelet", "cni", "etcd", "local-path")},
    }.items():
        source.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        _mount("--bind", source, target)
    _replace("/etc/hosts", f"127.0.0.1 localhost\n{layout.NODE_ADDRESS} {layout.NODE_NAME}\n")
    # No name outside the node can be reached, so a name is not even asked for: a missing image fails at once.
    _replace("/etc/resolv.conf", "")
    _replace("/etc/cni/net.d/10-pods.conflist", (places.config / "cni.conflist").read_text())
    for name, value in _KUBELET_SYSCTLS.items():
        shown = Path("/run/sparkproof/sysctl") / name
        shown.parent.mkdir(parents=True, exist_ok=True)
        shown.write_text(value + "\n")
        if (actual := Path("/proc/sys") / name).exists():
            _mount("--bind", shown, actual)
    # Last, so that the mounts above do not spread to each other: what pods share with the node may spread from here.
    _mount("--make-rshared", "/")


def _overlay(folder: Path) -> None:
    """Let the node write and create in `folder` without the host seeing it; mounts below it are carried over."""
    mounted = [Path(line.split()[4]) for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    inside = [path for path in mounted if folder in path.parents]
    aside = Path("/run/sparkproof/host") / folder.relative_to("/")
    layers = Path("/run/sparkproof/overlay") / folder.relative_to("/")
    upper, work = layers / "upper", layers / "work"
    for each in (aside, upper, work):
        each.mkdir(parents=True)
    _mount("--rbind", folder, aside)
    _mount("-t", "overlay", "-o", f"lowerdir={folder},upperdir={upper},workdir={work}", "overlay", folder)
    for each in inside:
        if not set(inside) & set(each.parents):
            _mount("--rbind", aside / each.relative_to(folder), each)


def _replace(path: str, content: str) -> None:
    """Put a file of the node's own at `path`, which lies in an overlay, whatever link or mount it replaces."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_mount():
        process.run(["umount", "--lazy", file], timeout_s=timeouts.TOOL)
    file.unlink(missing_ok=True)
    file.write_text(content)


def _mount(*arguments: str | Path) -> None:
    process.run(["mount", *arguments], timeout_s=timeouts.TOOL)
