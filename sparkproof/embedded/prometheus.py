"""Has a Prometheus read metrics on the embedded cluster: builds and starts it when it is first needed.

The Prometheus operator runs beside it, so that it reads what the charts' own monitors and rules say.
"""

import string
from pathlib import Path

import yaml

from sparkproof.build import programs
from sparkproof.core.progress import doing
from sparkproof.embedded import added
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import STATEFUL_SET, Manifests

_MANIFESTS = Path(__file__).with_suffix(".yaml")
_NAMESPACE = "prometheus"
_OPERATOR = "github.com/prometheus-operator/prometheus-operator"
# The programs by their names in the manifests.
_PROGRAMS = {
    "prometheus": "prometheus",
    "operator": "prometheus-operator",
    "reloader": "prometheus-config-reloader",
}
# The operator names the path of the program that it runs beside Prometheus.
_LINKS = {"reloader": ("bin/prometheus-config-reloader",)}
# The kinds that the charts have or that the operator cannot run without.
_KINDS = ("podmonitors", "probes", "prometheuses", "prometheusrules", "servicemonitors")


def start(kube: Kube) -> None:
    """Have a Prometheus run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    images = {name: added.image(program, _LINKS.get(name, ())) for name, program in _PROGRAMS.items()}
    manifests = list(yaml.safe_load_all(string.Template(_MANIFESTS.read_text()).substitute(images)))
    with doing("having metrics read"):
        added.apply(kube, _NAMESPACE, [_kinds(), manifests])
        # The operator makes it.
        added.await_roll_out(kube, STATEFUL_SET, "prometheus-sparkproof", _NAMESPACE)


def _kinds() -> Manifests:
    folder = programs.sources(_OPERATOR) / "example/prometheus-operator-crd"
    return [yaml.safe_load((folder / f"monitoring.coreos.com_{kind}.yaml").read_text()) for kind in _KINDS]
