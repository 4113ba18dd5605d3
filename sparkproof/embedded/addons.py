"""The DNS and the storage of the embedded cluster, which are pods on it."""

from pathlib import Path

from sparkproof.core import process, timeouts
from sparkproof.embedded import layout
from sparkproof.embedded.boot import Boot
from sparkproof.embedded.layout import Layout

DEPLOYMENTS = ("kube-system/coredns", "local-path-storage/local-path-provisioner")


def start(places: Layout) -> None:
    """Have DNS and storage on a node that is ready, and wait until they run; raises process.CommandFailed."""
    limit = f"--timeout={timeouts.CLUSTER_UP:g}s"
    _kubectl(places, "apply", "--server-side", "--force-conflicts", "--filename", places.config / "addons")
    for awaited in ("create", "condition=Ready"):
        _kubectl(places, "wait", f"--for={awaited}", f"node/{layout.NODE_NAME}", limit)
    for each in DEPLOYMENTS:
        namespace, name = each.split("/")
        _kubectl(places, "wait", "--for=condition=Available", f"deployment/{name}", "--namespace", namespace, limit)


def _kubectl(places: Layout, *arguments: str | Path) -> None:
    # A `kubectl wait` would outlive this process by minutes if this process was killed.
    ends_with_us = ["setpriv", "--pdeathsig", "KILL"]
    kubectl = Boot.read(places.boot).programs["kubectl"]
    command = [*ends_with_us, kubectl, "--kubeconfig", places.kubeconfig, *arguments]
    process.run(command, timeout_s=timeouts.CLUSTER_UP + timeouts.TOOL)
