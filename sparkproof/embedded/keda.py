"""KEDA on the embedded cluster, which scales workloads by what a source says: built and started when first needed.

Its manifests come from its own sources. They are changed where a machine of two cores, and images that hold a single
program, need it.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from sparkproof.build import programs
from sparkproof.core import process, timeouts
from sparkproof.core.progress import doing
from sparkproof.embedded import added
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import DEPLOYMENT, Manifest

_MODULE = "github.com/kedacore/keda/v2"
_NAMESPACE = "keda"
_OPERATOR = "keda-operator"
# The program of each Deployment, and the path under which its command finds it.
_PROGRAMS = {
    _OPERATOR: ("keda-operator", "keda"),
    "keda-metrics-apiserver": ("keda-adapter", "keda-adapter"),
    "keda-admission": ("keda-webhooks", "keda-admission-webhooks"),
}
# What may not be there before its server is: it would hinder the deletion of every namespace of the cluster.
_SERVED = ("APIService", "ValidatingWebhookConfiguration")
_ADDED: Mapping[str, Mapping[str, Any]] = {
    # The images name no user.
    "securityContext": {"runAsUser": 65532},
    "container": {"imagePullPolicy": "IfNotPresent", "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}}},
    "readinessProbe": {"initialDelaySeconds": 1, "periodSeconds": 1},
}


def start(kube: Kube) -> None:
    """Have KEDA run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    images = {deployment: added.image(program, [path]) for deployment, (program, path) in _PROGRAMS.items()}
    own = list(yaml.load_all(added.text(_OPERATOR, _manifests), Loader=yaml.CSafeLoader))
    manifests = [_adapted(each, images) if each["kind"] == DEPLOYMENT.name else each for each in own]
    served = [each for each in manifests if each["kind"] in _SERVED]
    # The operator makes the certificates of the two others.
    others = [each for each in manifests if each["kind"] == DEPLOYMENT.name and each["metadata"]["name"] != _OPERATOR]
    first = [each for each in manifests if each not in served and each not in others]
    with doing("starting KEDA"):
        added.apply(kube, _NAMESPACE, [first, others, served])


def _manifests() -> str:
    folder = programs.sources(_MODULE) / "config" / "default"
    return process.run([programs.build("kubectl"), "kustomize", folder], timeout_s=timeouts.TOOL).stdout


def _adapted(deployment: Manifest, images: Mapping[str, str]) -> Manifest:
    """Return a Deployment of KEDA with its image of these, small requests, and a readiness that is seen at once."""
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    pod["securityContext"] |= _ADDED["securityContext"]
    container |= {"image": images[deployment["metadata"]["name"]], **_ADDED["container"]}
    container["readinessProbe"] |= _ADDED["readinessProbe"]
    return deployment
