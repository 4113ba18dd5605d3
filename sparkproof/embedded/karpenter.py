"""Karpenter on the embedded cluster, which adds and removes simulated nodes: built and started when first needed.

It is Karpenter with its own provider of nodes that kwok plays. It acts only where a scenario has made a pool of nodes.
"""

import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import programs
from sparkproof.core import process, timeouts
from sparkproof.core.progress import doing
from sparkproof.embedded import added, simulated_nodes
from sparkproof.kube.client import Kube

_VALUES = Path(__file__).with_suffix(".yaml")
_MODULE = "sigs.k8s.io/karpenter"
_NAME = "karpenter"
# The types of nodes that there are: CPUs, memory in GiB, GPUs, and dollars an hour; a spot node costs a third.
_TYPES = {
    "standard.small": (4, 16, 0, 0.2),
    "standard.large": (16, 64, 0, 0.8),
    "gpu.small": (8, 32, 1, 1.2),
}
_SPOT = 1 / 3


def start(kube: Kube) -> None:
    """Have Karpenter run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    simulated_nodes.start(kube)
    reference = added.image(_NAME)
    text = added.text(_NAME, lambda: _manifests(reference), _VALUES.read_text(), reference)
    manifests = [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]
    types = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "instance-types", "namespace": _NAME},
        "data": {"types.json": json.dumps(list(_instance_types()))},
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAME}}
    with doing("starting Karpenter"):
        added.apply(kube, _NAME, [[namespace, types, *manifests]])


def _manifests(reference: str) -> str:
    """Return what Karpenter's own chart renders, and the kinds of object that its chart leaves to others."""
    folder = programs.sources(_MODULE) / "kwok"
    repository, _, tag = reference.rpartition(":")
    values = string.Template(_VALUES.read_text()).substitute(repository=repository, tag=tag)
    rendered = process.run(
        [
            programs.build("helm"), "template", _NAME, folder / "charts",
            "--namespace", _NAME, "--include-crds", "--values", "-",
        ],
        timeout_s=timeouts.TOOL,
        input_text=values,
    ).stdout  # fmt: skip
    own = (folder / "apis" / "crds").glob("*.yaml")
    return "\n---\n".join([rendered, *(path.read_text() for path in sorted(own))])


def _instance_types() -> Iterator[dict[str, Any]]:
    for name, (cores, memory, gpus, price) in _TYPES.items():
        resources = {"cpu": str(cores), "memory": f"{memory}Gi", "pods": "110", "ephemeral-storage": "100Gi"}
        yield {
            "name": name,
            "architecture": "amd64",
            "operatingSystems": ["linux"],
            "resources": {**resources, **({"nvidia.com/gpu": str(gpus)} if gpus else {})},
            "offerings": [_offering("spot", price * _SPOT), _offering("on-demand", price)],
        }


def _offering(capacity_type: str, price: float) -> dict[str, Any]:
    where = [_is("karpenter.sh/capacity-type", capacity_type), _is("topology.kubernetes.io/zone", "zone-a")]
    return {"Price": price, "Available": True, "Requirements": where}


def _is(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": [value]}
