"""The control plane's certificates, kubeconfigs and static pods, and the rights of the node's own users."""

from pathlib import Path

from sparkproof.core import process, timeouts
from sparkproof.embedded.boot import Boot
from sparkproof.embedded.layout import Layout

POLICY_ENGINE = "kube-network-policies"


def write(boot: Boot, places: Layout) -> None:
    """Let kubeadm write certificates, kubeconfigs and the control plane's static pods to /etc/kubernetes."""
    kubeadm, config = boot.programs["kubeadm"], places.config / "kubeadm.yaml"
    for phase in ("certs all", "kubeconfig all", "etcd local", "control-plane all"):
        process.run([kubeadm, "init", "phase", *phase.split(), "--config", config], timeout_s=timeouts.TOOL)
    for program, user in {"kube-proxy": "system:kube-proxy", POLICY_ENGINE: "sparkproof:network-policies"}.items():
        access = process.run(
            [kubeadm, "kubeconfig", "user", "--client-name", user, "--config", config], timeout_s=timeouts.TOOL
        )
        Path(f"/etc/kubernetes/{program}.conf").write_text(access.stdout)


def grant_access(boot: Boot, places: Layout) -> None:
    """Give the node's own users their rights before the first of them asks: once refused, it waits for seconds."""
    process.run(
        [
            boot.programs["kubectl"], "--kubeconfig", "/etc/kubernetes/super-admin.conf",
            "--cache-dir", places.state / "tmp", "apply", "--server-side", "--filename", places.config / "access.yaml",
        ],
        timeout_s=timeouts.TOOL,
    )  # fmt: skip
