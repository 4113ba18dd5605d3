"""Fills in the node's configuration files, which lie as templates under config/, for this machine."""

import shutil
import string
from collections.abc import Mapping
from pathlib import Path

from sparkproof.build import programs
from sparkproof.build.scratch import ScratchImage
from sparkproof.embedded import layout, room
from sparkproof.embedded.layout import Layout

_TEMPLATES = Path(__file__).parent / "config"
_REGISTRY = "localhost/sparkproof"
_CAP_SYS_RESOURCE = 24


def images(debian: Path) -> list[ScratchImage]:
    """The images of the cluster's own pods, each of one program; `debian` is where busybox was unpacked."""
    kubernetes = programs.version("kubelet")
    control_plane = [
        ScratchImage(f"{_REGISTRY}/{name}:{kubernetes}", programs.build(name))
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ]
    others = [
        ScratchImage(f"{_REGISTRY}/{name}:{programs.version(name)}", programs.build(name))
        for name in ("etcd", "coredns", "local-path-provisioner", "pause")
    ]
    # Newer releases have /bin inside /usr.
    busybox = next(debian.glob("**/bin/busybox"))
    shell = ScratchImage(f"{_REGISTRY}/busybox:v1", busybox, links=("bin/sh", "bin/mkdir", "bin/rm"))
    return [*control_plane, *others, shell]


def programs_of_images(debian: Path) -> Mapping[str, str]:
    """The path of the program that is the content of each image, by the image's reference."""
    return {image.reference: str(image.program) for image in images(debian)}


def write(places: Layout, debian: Path) -> None:
    """Write every file anew into `places.config`; `debian` is where containerd and its like were unpacked."""
    shutil.rmtree(places.config, ignore_errors=True)
    for template in _TEMPLATES.rglob("*.*"):
        target = places.config / template.relative_to(_TEMPLATES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(string.Template(template.read_text()).substitute(_values(places, debian)))


def _values(places: Layout, debian: Path) -> Mapping[str, str]:
    return {
        "kubernetes_version": programs.version("kubelet"),
        "etcd_tag": programs.version("etcd"),
        "node_name": layout.NODE_NAME,
        "node_address": layout.NODE_ADDRESS,
        "service_range": layout.SERVICE_RANGE,
        "pod_range": layout.POD_RANGE,
        "dns_address": layout.DNS_ADDRESS,
        "patches": str(places.config / "patches"),
        "cgroup": f"/{places.cgroup}",
        "container_spec": str(places.container_spec),
        "runc": str(debian / "usr" / "sbin" / "runc"),
        "cni_plugins": str(debian / "usr" / "lib" / "cni"),
        "restrict_oom_score_adj": "false" if may_lower_oom_scores() else "true",
        "pause_image": f"{_REGISTRY}/pause:{programs.version('pause')}",
        "coredns_image": f"{_REGISTRY}/coredns:{programs.version('coredns')}",
        "provisioner_image": f"{_REGISTRY}/local-path-provisioner:{programs.version('local-path-provisioner')}",
        "busybox_image": f"{_REGISTRY}/busybox:v1",
        "evicted_below_bytes": str(room.EVICTED_BELOW_BYTES),
        "evicted_below_inodes": str(room.EVICTED_BELOW_INODES),
        "evicted_below_memory": str(room.EVICTED_BELOW_MEMORY),
    }


def may_lower_oom_scores(status: Path = Path("/proc/self/status")) -> bool:
    """Return True if this process has CAP_SYS_RESOURCE, which some containers and machines withhold from root."""
    effective = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> _CAP_SYS_RESOURCE & 1)
