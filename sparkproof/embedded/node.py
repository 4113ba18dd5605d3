"""The node's first process: sets up its namespaces, starts Kubernetes in them, and keeps its programs running.

`sparkproof up` starts this module twice over, in one process: first on the host, where it enters the cluster's cgroup
and becomes `unshare`, then as process 1 of the new namespaces. When that process ends, the kernel ends all others in
them and drops the network devices, the mounts and the namespaces.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from sparkproof.core import process, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import api, layout
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout

_CONTAINERD = Path("/run/containerd/containerd.sock")
_RESTART_DELAY_S = 1.0
_POLICY_ENGINE = "kube-network-policies"
_POLICY_QUEUE = 100
_LABELS = {
    layout.EMBEDDED: "true",
    layout.POLICY_ENGINE_LABEL: _POLICY_ENGINE,
    # Nobody takes this machine back, which a platform may ask of its driver's node.
    "karpenter.sh/capacity-type": "on-demand",
}
# What the kubelet writes to when it differs: settings of the whole machine, which the node must leave as they are.
_KUBELET_SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


@dataclass(frozen=True)
class Boot:
    """What process 1 is told: folders, the Kubernetes programs by name, the images to have, the listening socket."""

    state: str
    debian: str
    programs: Mapping[str, str]
    images_archive: str
    api_socket: int

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Boot":
        return cls(**json.loads(path.read_text()))


def enter(boot_file: Path) -> None:
    """On the host: enter the cluster's cgroup, then become `unshare`, which starts process 1. Does not return."""
    boot = Boot.read(boot_file)
    os.set_inheritable(boot.api_socket, True)
    Cgroup(Layout(Path(boot.state)).cgroup).enter()
    namespaces = ["--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
    # The host's later mounts and unmounts reach the node, so that it holds none of them; the node's never get out.
    argv = [
        "unshare",
        *namespaces,
        "--propagation",
        "slave",
        sys.executable,
        "-m",
        __spec__.name,
        "boot",
        str(boot_file),
    ]
    os.execvp(argv[0], argv)


def boot(boot_file: Path) -> None:
    """As process 1: bring the node up and keep it up. Does not return while the node lives."""
    told = Boot.read(boot_file)
    places = Layout(Path(told.state))
    _say("setting up mounts and network")
    _isolate_files(places)
    _isolate_network()
    _queue_connections()
    socket.sethostname(layout.NODE_NAME)
    daemons = Daemons(places)
    forwarder = [sys.executable, "-m", "sparkproof.embedded.forward", str(told.api_socket)]
    daemons.start("forward", forwarder, pass_fds=(told.api_socket,))
    with ThreadPoolExecutor() as beside:
        written = beside.submit(_write_control_plane, told, places)
        _start_containerd(told, places, daemons)
        written.result()
    daemons.start(
        "kubelet",
        [
            told.programs["kubelet"], "--config", places.config / "kubelet.yaml",
            "--kubeconfig", "/etc/kubernetes/kubelet.conf",
            "--node-ip", layout.NODE_ADDRESS, "--hostname-override", layout.NODE_NAME,
            "--node-labels", ",".join(f"{key}={value}" for key, value in _LABELS.items()),
        ],
    )  # fmt: skip
    _say("kubelet started")
    # Earlier, kube-proxy would be refused, wait for seconds, and Services would be late for the first pods.
    while api.readiness(places, layout.API_PORT_INSIDE, layout.NODE_ADDRESS) != api.READY:
        daemons.tend(until_one_ends=False)
        time.sleep(timeouts.POLL / 2)
    daemons.start("kube-proxy", [told.programs["kube-proxy"], "--config", places.config / "kube-proxy.yaml"])
    _grant_access(told, places)
    daemons.start(
        _POLICY_ENGINE,
        [
            told.programs[_POLICY_ENGINE], "--kubeconfig", f"/etc/kubernetes/{_POLICY_ENGINE}.conf",
            "--node", layout.NODE_NAME, "--queue", str(_POLICY_QUEUE),
        ],
    )  # fmt: skip
    _say("API server ready, kube-proxy and network policies started")
    while True:
        daemons.tend(until_one_ends=True)


class Daemons:
    """The node's long-running programs, each with a log of its own; process 1 restarts those that end."""

    def __init__(self, places: Layout) -> None:
        self._logs = places.logs
        self._commands: dict[str, tuple[list[str], tuple[int, ...]]] = {}
        # Held while they run: subprocess reaps the processes of objects that are gone whenever it starts another.
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, argv: Sequence[str | Path], pass_fds: tuple[int, ...] = ()) -> None:
        self._commands[name] = ([str(part) for part in argv], pass_fds)
        with (self._logs / f"{name}.log").open("ab") as log:
            command, descriptors = self._commands[name]
            self._running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=descriptors, start_new_session=True
            )

    def restart(self, name: str) -> None:
        """End the program and start it again."""
        self._running[name].terminate()
        self._running[name].wait()
        self.start(name, *self._commands[name])

    def tend(self, *, until_one_ends: bool) -> None:
        """Reap a process that has ended in the node, as process 1 must; start it again if it is a program of ours.

        Waits for the next end, or returns at once when none has ended.
        """
        pid, status = os.waitpid(-1, 0 if until_one_ends else os.WNOHANG)
        name = next((name for name, started in self._running.items() if started.pid == pid), None)
        if name is not None:
            self._running[name].returncode = os.waitstatus_to_exitcode(status)
            _say(f"{name} ended with {self._running[name].returncode}; starting it again")
            time.sleep(_RESTART_DELAY_S)
            self.start(name, *self._commands[name])


def _isolate_files(places: Layout) -> None:
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
    """Put a file of the node's own at `path`, which lies in an overlay, whatever link or mount is there."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_mount():
        process.run(["umount", "--lazy", file], timeout_s=timeouts.TOOL)
    file.unlink(missing_ok=True)
    file.write_text(content)


def _isolate_network() -> None:
    """Addresses and routes of a node that no cable leaves: there is no device that leads to the host or beyond."""
    for command in (
        "link set lo up",
        # A pair of devices with both ends here, because an address for the node needs a device that is up.
        "link add eth0 type veth peer name eth0-end",
        "link set eth0 up",
        "link set eth0-end up",
        f"address add {layout.NODE_ADDRESS}/{layout.NODE_NETWORK.rpartition('/')[2]} dev eth0",
        # kube-proxy rewrites these addresses, but only after the kernel has found a route for them.
        f"route add {layout.SERVICE_RANGE} dev eth0 src {layout.NODE_ADDRESS}",
    ):
        process.run(["ip", *command.split()], timeout_s=timeouts.TOOL)


def _queue_connections() -> None:
    """Hold the first packet of every connection from or to a pod until the policy engine lets it pass.

    The engine's own rules need nftables' `queue`, which not every kernel has beside iptables' NFQUEUE. Without the
    engine nothing passes. What the node itself sends (the kubelet's probes) is not held.
    """
    queue = f"-m conntrack ! --ctstate ESTABLISHED,RELATED -j NFQUEUE --queue-num {_POLICY_QUEUE}"
    for packets in (
        "FORWARD",
        # What pods send to the node, which means to the API server: elsewhere it runs on another machine, where
        # policies hold it too.
        f"INPUT --source {layout.POD_RANGE}",
    ):
        command = f"iptables --wait --table mangle --append {packets} {queue}"
        process.run(command.split(), timeout_s=timeouts.TOOL)


def _start_containerd(told: Boot, places: Layout, daemons: Daemons) -> None:
    """Start containerd with the images of the cluster's own pods and no container of an earlier node."""
    daemons.start("containerd", [_debian(told, "usr/bin/containerd"), "--config", places.config / "containerd.toml"])
    _wait_for_containerd(told)
    if _drop_stale_containers(told):
        # Its CRI part has read the stale ones already, so it starts anew without them.
        daemons.restart("containerd")
        _wait_for_containerd(told)
    _import_images(told, places)


def _wait_for_containerd(told: Boot) -> None:
    deadline = time.monotonic() + timeouts.CONTAINERD
    while process.run([*_ctr(told), "version"], timeout_s=timeouts.TOOL, check=False).exit_code != 0:
        if time.monotonic() > deadline:
            raise SparkproofError(f"containerd did not answer within {timeouts.CONTAINERD:g} s; see containerd.log.")
        time.sleep(timeouts.POLL / 5)


def _drop_stale_containers(told: Boot) -> bool:
    """Forget the containers of an earlier node, which ended with it; returns whether there were any."""
    stale = process.run([*_ctr(told), "containers", "list", "--quiet"], timeout_s=timeouts.TOOL).stdout.split()
    if stale:
        process.run([*_ctr(told), "containers", "delete", *stale], timeout_s=timeouts.IMAGE_IMPORT)
    return bool(stale)


def _import_images(told: Boot, places: Layout) -> None:
    """Have the control plane's images in containerd; they are there already unless their programs changed."""
    imported = places.images / "sparkproof-images"
    if imported.exists() and imported.read_text() == told.images_archive:
        return
    _say("importing images")
    process.run([*_ctr(told), "images", "import", told.images_archive], timeout_s=timeouts.IMAGE_IMPORT)
    imported.write_text(told.images_archive)


def _write_control_plane(told: Boot, places: Layout) -> None:
    """Have kubeadm write certificates, kubeconfigs and the control plane's static pods to /etc/kubernetes."""
    kubeadm, config = told.programs["kubeadm"], places.config / "kubeadm.yaml"
    for phase in ("certs all", "kubeconfig all", "etcd local", "control-plane all"):
        process.run([kubeadm, "init", "phase", *phase.split(), "--config", config], timeout_s=timeouts.TOOL)
    for program, user in {"kube-proxy": "system:kube-proxy", _POLICY_ENGINE: "sparkproof:network-policies"}.items():
        access = process.run(
            [kubeadm, "kubeconfig", "user", "--client-name", user, "--config", config], timeout_s=timeouts.TOOL
        )
        Path(f"/etc/kubernetes/{program}.conf").write_text(access.stdout)


def _grant_access(told: Boot, places: Layout) -> None:
    """Let the node's own users do what they are for, before one of them asks and, refused, waits for seconds."""
    process.run(
        [
            told.programs["kubectl"], "--kubeconfig", "/etc/kubernetes/super-admin.conf",
            "--cache-dir", places.state / "tmp", "apply", "--server-side", "--filename", places.config / "access.yaml",
        ],
        timeout_s=timeouts.TOOL,
    )  # fmt: skip


def _ctr(told: Boot) -> list[str]:
    return [_debian(told, "usr/bin/ctr"), "--address", str(_CONTAINERD), "--namespace", "k8s.io"]


def _debian(told: Boot, path: str) -> str:
    return str(Path(told.debian) / path)


def _mount(*arguments: str | Path) -> None:
    process.run(["mount", *arguments], timeout_s=timeouts.TOOL)


def _say(line: str) -> None:
    """Write to the node's log, which standard output is, at once."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    try:
        {"enter": enter, "boot": boot}[sys.argv[1]](Path(sys.argv[2]))
    except (SparkproofError, OSError) as wrong:
        sys.exit(f"The node cannot start: {wrong}")
