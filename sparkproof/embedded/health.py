"""What a node that runs has lost: images, DNS, storage; which pressure it is under; and the repair of what can be."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.build import debian
from sparkproof.core import process, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import doing
from sparkproof.embedded import addons, layout
from sparkproof.embedded.boot import Boot
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout
from sparkproof.embedded.node_images import NodeImages


@dataclass(frozen=True)
class Health:
    """What was seen of a node whose API server answers.

    `node` are the kubelet's own complaints; `images` are lacking and `lost` have lost files; `unavailable` are the
    deployments of DNS and storage that do not run, `stopped` the programs of the control plane that do not; the kubelet
    starts these again.
    """

    node: Sequence[str] = ()
    images: Sequence[str] = ()
    lost: Sequence[str] = ()
    unavailable: Sequence[str] = ()
    stopped: Sequence[str] = ()

    def __str__(self) -> str:
        parts = list(self.node)
        if self.images or self.lost:
            parts.append(f"images are lost: {', '.join(sorted({*self.images, *self.lost}))}")
        if self.stopped:
            parts.append(f"not running: {', '.join(self.stopped)}")
        if self.unavailable:
            parts.append(f"not available: {', '.join(self.unavailable)}")
        return "; ".join(parts)

    @property
    def mendable(self) -> bool:
        """True if something is wrong that `mend` can change."""
        return bool(self.images or self.unavailable)


def node_images(places: Layout) -> NodeImages:
    """The images of the node that runs; raises SparkproofError when the cluster is not up."""
    if (first := Cgroup(places.cgroup).first_process()) is None:
        raise SparkproofError(
            "The embedded cluster is not up, so its images cannot be reached: run `sparkproof up` first."
        )
    # The node's own /run, seen from the host.
    socket = Path("/proc", str(first), "root", "run", "containerd", "containerd.sock")
    return NodeImages(debian.unpacked() / "usr" / "bin" / "ctr", socket, places.images)


def look(places: Layout) -> Health:
    """Look at a node whose API server answers, without changing anything; raises process.CommandFailed.

    The images and programs are those that it was started with, whatever the next start would take.
    """
    own = Boot.read(places.boot).images
    images = node_images(places)
    whole, pods = aside(images.whole), aside(lambda: _get(places, "pods", "--selector=tier=control-plane"))
    node, unavailable = _objects(places)
    lacking = sorted(own.keys() - whole.result())
    return Health(node, lacking, images.lost(own), unavailable, list(stopped(pods.result())))


def mend(places: Layout, health: Health) -> None:
    """Import the images that are lacking, and have DNS and storage run again."""
    with doing(f"mending the embedded cluster ({health})"):
        if health.images:
            started = Boot.read(places.boot)
            node_images(places).load(started.images_archive, started.images)
        addons.start(places)


def _objects(places: Layout) -> tuple[list[str], list[str]]:
    """The complaints of the node, and the deployments of DNS and storage that are not available."""
    found = _get(places, "nodes,deployments")
    conditions = [
        condition
        for each in found
        if each["kind"] == "Node" and each["metadata"]["name"] == layout.NODE_NAME
        for condition in each["status"].get("conditions", [])
    ]
    available = {
        f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        for each in found
        if each["kind"] == "Deployment" and each["status"].get("availableReplicas")
    }
    return list(complaints(conditions)), [each for each in addons.DEPLOYMENTS if each not in available]


def _get(places: Layout, kinds: str, *options: str) -> list[dict[str, Any]]:
    """The objects of these kinds in all namespaces."""
    command: list[str | Path] = [
        Boot.read(places.boot).programs["kubectl"], "--kubeconfig", places.kubeconfig,
        "get", kinds, "--all-namespaces", "--output", "json", *options,
    ]  # fmt: skip
    return list(json.loads(process.run(command, timeout_s=timeouts.API_CALL).stdout)["items"])


def stopped(pods: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the names of the pods of which the kubelet says that they are not ready."""
    for each in pods:
        ready = (one["status"] for one in each.get("status", {}).get("conditions", ()) if one["type"] == "Ready")
        if next(ready, "True") != "True":
            yield str(each["metadata"]["name"])


def complaints(conditions: Sequence[dict[str, str]]) -> Sequence[str]:
    """The conditions of a node that are not as they should be, as sentences."""
    told = []
    for each in conditions:
        if each["type"] == "Ready" and each["status"] != "True":
            told.append(f"the node is not ready: {each['message']}")
        if each["type"].endswith("Pressure") and each["status"] == "True":
            told.append(f"the node is under pressure ({each['type']}: {each['message']})")
    return told or ([] if conditions else ["the node is not there yet"])
