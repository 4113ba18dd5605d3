"""Has a Prometheus read metrics on the embedded cluster: builds and starts it when it is first needed.

The Prometheus operator runs beside it, so that it reads what the charts' own monitors and rules say.
"""

import string
from collections.abc import Mapping
from pathlib import Path

import yaml

from sparkproof.build import programs, scratch
from sparkproof.build.scratch import ScratchImage
from sparkproof.core import cache, timeouts
from sparkproof.core.progress import doing
from sparkproof.core.wait import eventually
from sparkproof.embedded import lifecycle
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import CUSTOM_RESOURCE, DEPLOYMENT, STATEFUL_SET, Manifest, is_rolled_out

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
    references = {
        name: f"localhost/sparkproof/{program}:{programs.version(program)}" for name, program in _PROGRAMS.items()
    }
    archive = _images(references)
    for reference in references.values():
        lifecycle.load(archive, reference)
    with doing("having metrics read"):
        _define_kinds(kube)
        for manifest in yaml.safe_load_all(string.Template(_MANIFESTS.read_text()).substitute(references)):
            kube.apply(manifest)
        for kind, name in ((DEPLOYMENT, "prometheus-operator"), (STATEFUL_SET, "prometheus-sparkproof")):
            eventually(
                f"the start of {name}",
                lambda kind=kind, name=name: kube.get(kind, name, _NAMESPACE) or {},  # type: ignore[misc]
                is_rolled_out,
                within_s=timeouts.POD_READY,
            )


def _images(references: Mapping[str, str]) -> Path:
    """The archive in the cache that has all the images, made once for each build of the programs."""
    built = {name: programs.build(program) for name, program in _PROGRAMS.items()}

    def make(folder: Path) -> None:
        images = [ScratchImage(references[name], program, _LINKS.get(name, ())) for name, program in built.items()]
        scratch.write_archive(images, folder / "image.tar")

    return cache.entry("prometheus", cache.digest(*map(str, built.values())), make) / "image.tar"


def _define_kinds(kube: Kube) -> None:
    """Let the API server know the operator's kinds, and wait until it serves them."""
    folder = programs.sources(_OPERATOR) / "example/prometheus-operator-crd"
    for kind in _KINDS:
        definition = yaml.safe_load((folder / f"monitoring.coreos.com_{kind}.yaml").read_text())
        kube.apply(definition)
        eventually(
            f"the API of {kind}",
            lambda name=definition["metadata"]["name"]: kube.get(CUSTOM_RESOURCE, name) or {},  # type: ignore[misc]
            _is_served,
            within_s=timeouts.API_CALL,
        )


def _is_served(definition: Manifest) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
