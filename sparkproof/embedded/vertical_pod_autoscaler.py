"""The VerticalPodAutoscaler on the embedded cluster, which advises sizes of pods: built and started when first needed.

Of its own chart only the recommender is used: what changes or restarts pods is not there. What pods use it is told by
metrics-server.
"""

from pathlib import Path

from sparkproof.build import programs
from sparkproof.core.progress import doing
from sparkproof.embedded import added, metrics_server
from sparkproof.kube.client import Kube

_VALUES = Path(__file__).with_suffix(".yaml")
_MODULE = "k8s.io/autoscaler/vertical-pod-autoscaler"
_PROGRAM, _NAME = "vpa-recommender", "vertical-pod-autoscaler"


def start(kube: Kube) -> None:
    """Have the recommender run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    metrics_server.start(kube)
    reference = added.image(_PROGRAM)
    manifests = added.rendered(_PROGRAM, _NAME, _chart, _VALUES, reference)
    with doing("starting the recommender of the VerticalPodAutoscaler"):
        added.apply(kube, _NAME, [[added.restricted(_NAME), *manifests]])


def _chart() -> Path:
    return programs.sources(_MODULE) / "charts" / _NAME
