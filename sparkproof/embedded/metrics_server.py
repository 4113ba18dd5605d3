"""metrics-server on the embedded cluster, which says what pods use now: built and started when first needed.

It asks the kubelets of real nodes alone.
"""

from pathlib import Path

from sparkproof.build import programs
from sparkproof.core.progress import doing
from sparkproof.embedded import added
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import EMBEDDED
from sparkproof.kube.objects import API_SERVICE, CLUSTER_ROLE

_VALUES = Path(__file__).with_suffix(".yaml")
_MODULE = "sigs.k8s.io/metrics-server"
_NAME = "metrics-server"
# What its chart gives to all who administer a namespace, and nobody needs here.
_EVERYBODYS = "system:metrics-server-aggregated-reader"


def start(kube: Kube) -> None:
    """Have metrics-server run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    reference = added.image(_NAME)
    own = added.rendered(_NAME, _NAME, _chart, _VALUES, reference, embedded=EMBEDDED)
    # It may not be there before its server is: it would hinder the deletion of every namespace of the cluster.
    served = [each for each in own if each["kind"] == API_SERVICE.name]
    nobodys = (CLUSTER_ROLE.name, _EVERYBODYS)
    first = [each for each in own if each not in served and (each["kind"], each["metadata"]["name"]) != nobodys]
    with doing("starting metrics-server"):
        added.apply(kube, _NAME, [[added.restricted(_NAME), *first], served])


def _chart() -> Path:
    return programs.sources(_MODULE) / "charts" / _NAME
