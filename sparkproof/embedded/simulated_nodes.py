"""Has the embedded cluster play nodes that this machine does not have: builds and starts kwok when it is first needed.

kwok runs as a pod of the cluster, so the kubelet restarts it and it ends with the cluster.
"""

import json
import string
from pathlib import Path

import yaml

from sparkproof.build import programs
from sparkproof.core import cache
from sparkproof.core.progress import doing
from sparkproof.embedded import added
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import SIMULATED, selector

_MANIFESTS = Path(__file__).with_suffix(".yaml")
_NAMESPACE = "simulated-nodes"
_NAME = "kwok"
_MODULE = "sigs.k8s.io/kwok"
# The stages of nodes and pods in kwok's own files: become ready, renew the lease, fail on demand, and go.
_STAGES = (
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "node/chaos/node-not-ready.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-delete.yaml",
)
_OPTIONS = {
    "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
    "kind": "KwokConfiguration",
    "options": {
        "manageAllNodes": False,
        "manageNodesWithAnnotationSelector": selector(SIMULATED),
        "nodeLeaseDurationSeconds": 40,
        "nodePort": 10247,
        **{f"{what}Parallelism": 4 for what in ("nodeLease", "nodePlayStage", "podPlayStage", "podsOnNodeSync")},
    },
}


def start(kube: Kube) -> None:
    """Have kwok run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    stages = added.text(_NAME, _stages, *_STAGES)
    configuration = f"{yaml.safe_dump(_OPTIONS)}---\n{stages}"
    text = string.Template(_MANIFESTS.read_text()).substitute(
        image=added.image(_NAME), configuration=json.dumps(configuration), checksum=cache.digest(configuration)
    )
    with doing("having nodes simulated"):
        added.apply(kube, _NAMESPACE, [list(yaml.safe_load_all(text))])


def _stages() -> str:
    folder = programs.sources(_MODULE) / "kustomize" / "stage"
    return "\n---\n".join((folder / name).read_text() for name in _STAGES)
