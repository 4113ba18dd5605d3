"""The node's first process: sets up its namespaces, starts Kubernetes in them, and keeps its programs running.

`sparkproof up` starts this module twice over, in one process: first on the host, where it enters the cluster's cgroup
and becomes `unshare`, then as process 1 of the new namespaces. When that process ends, the kernel ends all others in
them and drops the network devices, the mounts and the namespaces.
"""

import os
import socket
import sys
import time
from pathlib import Path

from sparkproof.core import timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import api, containerd, control_plane, files, layout, links
from sparkproof.embedded.boot import Boot, log
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.control_plane import POLICY_ENGINE
from sparkproof.embedded.daemons import Daemons
from sparkproof.embedded.layout import Layout
from sparkproof.kube.labels import EMBEDDED, POLICY_ENGINE_LABEL

_LABELS = {
    EMBEDDED: "true",
    POLICY_ENGINE_LABEL: POLICY_ENGINE,
    # Nobody takes this machine back, which a platform may ask of its driver's node.
    "karpenter.sh/capacity-type": "on-demand",
}


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
    given = Boot.read(boot_file)
    places = Layout(Path(given.state))
    log("setting up mounts and network")
    files.isolate(places)
    links.isolate()
    links.queue_connections()
    socket.sethostname(layout.NODE_NAME)
    daemons = Daemons(places)
    forwarder = [sys.executable, "-m", "sparkproof.embedded.forward", str(given.api_socket)]
    daemons.start("forward", forwarder, pass_fds=(given.api_socket,))
    written = aside(control_plane.write, given, places)
    containerd.start(given, places, daemons)
    written.result()
    daemons.start(
        "kubelet",
        [
            given.programs["kubelet"], "--config", places.config / "kubelet.yaml",
            "--kubeconfig", "/etc/kubernetes/kubelet.conf",
            "--node-ip", layout.NODE_ADDRESS, "--hostname-override", layout.NODE_NAME,
            "--node-labels", ",".join(f"{key}={value}" for key, value in _LABELS.items()),
        ],
    )  # fmt: skip
    log("kubelet started")
    # Earlier, kube-proxy would be refused, wait for seconds, and Services would be late for the first pods.
    while api.readiness(places, layout.API_PORT_INSIDE, layout.NODE_ADDRESS) != api.READY:
        daemons.tend(until_one_ends=False)
        time.sleep(timeouts.POLL / 2)
    daemons.start("kube-proxy", [given.programs["kube-proxy"], "--config", places.config / "kube-proxy.yaml"])
    control_plane.grant_access(given, places)
    daemons.start(
        POLICY_ENGINE,
        [
            given.programs[POLICY_ENGINE], "--kubeconfig", f"/etc/kubernetes/{POLICY_ENGINE}.conf",
            "--node", layout.NODE_NAME, "--queue", str(links.POLICY_QUEUE),
        ],
    )  # fmt: skip
    log("API server ready, kube-proxy and network policies started")
    while True:
        daemons.tend(until_one_ends=True)


if __name__ == "__main__":
    try:
        {"enter": enter, "boot": boot}[sys.argv[1]](Path(sys.argv[2]))
    except (SparkproofError, OSError) as wrong:
        sys.exit(f"The node cannot start: {wrong}")
