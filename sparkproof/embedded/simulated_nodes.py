"""Has the embedded cluster play nodes that this machine does not have: builds and starts kwok when it is first needed.

kwok runs as a pod of the cluster, so the kubelet restarts it and it ends with the cluster.
"""

import json
import string
from pathlib import Path

import yaml

from sparkproof.build import programs, scratch
from sparkproof.build.scratch import ScratchImage
from sparkproof.core import cache, timeouts
from sparkproof.core.progress import doing
from sparkproof.core.wait import eventually
from sparkproof.embedded import lifecycle
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import DEPLOYMENT, SIMULATED, is_rolled_out, selector

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
    reference = f"localhost/sparkproof/{_NAME}:{programs.version(_NAME)}"
    made = _image_and_stages(reference)
    lifecycle.load(made / "image.tar", reference)
    configuration = f"{yaml.safe_dump(_OPTIONS)}---\n{(made / 'stages.yaml').read_text()}"
    text = string.Template(_MANIFESTS.read_text()).substitute(
        image=reference, configuration=json.dumps(configuration), checksum=cache.digest(configuration)
    )
    with doing("having nodes simulated"):
        for manifest in yaml.safe_load_all(text):
            kube.apply(manifest)
        eventually(
            "the start of kwok, which plays simulated nodes",
            lambda: kube.get(DEPLOYMENT, _NAME, _NAMESPACE) or {},
            is_rolled_out,
            within_s=timeouts.POD_READY,
        )


def _image_and_stages(reference: str) -> Path:
    """A folder of the cache with the image's archive and kwok's stages, made once for each build of kwok."""
    program = programs.build(_NAME)

    def make(folder: Path) -> None:
        scratch.write_archive([ScratchImage(reference, program)], folder / "image.tar")
        stages = programs.sources(_MODULE) / "kustomize" / "stage"
        (folder / "stages.yaml").write_text("\n---\n".join((stages / name).read_text() for name in _STAGES))

    return cache.entry("simulated-nodes", cache.digest(str(program), *_STAGES), make)
