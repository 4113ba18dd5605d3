"""kube-state-metrics on the embedded cluster, built and started when needed: tells Prometheus of Jobs and Secrets."""

import string
from pathlib import Path

import yaml

from sparkproof.core.progress import doing
from sparkproof.embedded import added, prometheus
from sparkproof.kube.client import Kube

_MANIFESTS = Path(__file__).with_suffix(".yaml")
_NAME = "kube-state-metrics"


def start(kube: Kube) -> None:
    """Have kube-state-metrics, and the Prometheus that reads it, run on the embedded cluster that `kube` reaches.

    What runs is left as it is. Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come
    up.
    """
    prometheus.start(kube)
    text = string.Template(_MANIFESTS.read_text()).substitute(image=added.image(_NAME))
    with doing("starting kube-state-metrics"):
        added.apply(kube, _NAME, [[added.restricted(_NAME), *yaml.safe_load_all(text)]])
