"""Folders of the embedded cluster's state on this machine, and the names and addresses it uses inside."""

import os
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import cache

NODE_NAME = "sparkproof"
# No packet leaves the node's network namespace, so these ranges cannot clash with the machine's own.
NODE_ADDRESS = "172.31.0.10"
NODE_NETWORK = "172.31.0.0/24"
SERVICE_RANGE = "10.96.0.0/16"
DNS_ADDRESS = "10.96.0.10"
POD_RANGE = "10.244.0.0/16"
API_PORT_INSIDE = 6443
API_PORT = 16443
DEFAULT_STATE = Path("/var/lib/sparkproof")


@dataclass(frozen=True)
class Layout:
    """The folders, files and cgroup of one embedded cluster; `state` is the folder that holds them all."""

    state: Path

    @property
    def cgroup(self) -> str:
        """The name of the cgroup, below the machine's root cgroup, that every process of the cluster is in."""
        return "sparkproof" if self.state == DEFAULT_STATE else f"sparkproof-{cache.digest(str(self.state))}"

    @property
    def lock(self) -> Path:
        return self.state / "lock"

    @property
    def boot(self) -> Path:
        """The input of the node's first process."""
        return self.state / "boot.json"

    @property
    def running(self) -> Path:
        """Written when the cluster has come up; absent before and after."""
        return self.state / "running.json"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def config(self) -> Path:
        return self.state / "config"

    @property
    def container_spec(self) -> Path:
        """The specification that every container starts from."""
        return self.config / "container.json"

    @property
    def kubernetes(self) -> Path:
        """The node's /etc/kubernetes."""
        return self.state / "kubernetes"

    @property
    def images(self) -> Path:
        """containerd's root: the images outlive the cluster, so that the next one starts with them at hand."""
        return self.state / "containerd"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def node_log(self) -> Path:
        return self.logs / "node.log"


def layout() -> Layout:
    """The layout under $SPARKPROOF_STATE, else under /var/lib/sparkproof."""
    return Layout(Path(os.environ.get("SPARKPROOF_STATE") or DEFAULT_STATE).absolute())
