"""The cluster that a run uses: reached or started when it is first needed, and never one that was not named."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sparkproof.build import images, programs
from sparkproof.build.ahead import Maker
from sparkproof.core.errors import UsageError
from sparkproof.embedded import (
    etcd,
    karpenter,
    keda,
    kube_state_metrics,
    kueue,
    lifecycle,
    loaded,
    prometheus,
    simulated_nodes,
    spark_operator,
    vertical_pod_autoscaler,
)
from sparkproof.embedded.etcd import Etcd
from sparkproof.embedded.layout import layout
from sparkproof.kube.client import Kube
from sparkproof.kube.helm import Helm
from sparkproof.kube.marked import MarkedKube
from sparkproof.kube.objects import Manifest

EMBEDDED_CLUSTER = "embedded"
# The charts' own image.repository, in whose folder all their images are.
_REPOSITORY = "sparkproof/spark"
# The capabilities that the embedded cluster has as soon as a scenario needs them, and their start.
_ADDED: Mapping[str, Callable[[Kube], None]] = {
    "simulated-nodes": simulated_nodes.start,
    "keda": keda.start,
    "kueue": kueue.start,
    "prometheus": prometheus.start,
    "kube-state-metrics": kube_state_metrics.start,
    "node-autoscaler": karpenter.start,
    "spark-operator": spark_operator.start,
    "control-plane": etcd.prepare,
    "vpa": vertical_pod_autoscaler.start,
}


@dataclass(frozen=True)
class Target:
    """A reached cluster, its name for people, and the registry of the platform's images; None for the embedded one.

    `labels` are those that everything gets which is made there.
    """

    name: str
    kube: Kube
    helm: Helm
    registry: str | None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> Manifest:
        """The chart's values that name the registry from which this cluster pulls its images, and the labels.

        A registry is a host, and may have a path: the chart's repositories then lie below it.
        """
        host, _, path = (self.registry or "").partition("/")
        below = {"repository": f"{path}/{_REPOSITORY}"} if path else {}
        values: Manifest = {} if self.registry is None else {"image": {"registry": host, **below}}
        return {**values, "commonLabels": dict(self.labels)} if self.labels else values

    def marking(self, labels: Mapping[str, str]) -> "Target":
        """Return the same cluster, on which everything that is made carries these labels, and nothing else changes."""
        kube = MarkedKube(self.kube.kubeconfig, self.kube.context, labels)
        return replace(self, kube=kube, helm=replace(self.helm, labels=labels), labels=labels)

    def provide(self, manifests: str) -> None:
        """Make the images that `manifests` name available to nodes: build and load them, unless a registry has them."""
        if self.registry is None:
            for recipe in images.named_in(manifests).values():
                loaded.put(recipe)

    def provide_ahead(self, manifests: Iterable[str]) -> Maker | None:
        """Do the same in a process of its own, in the order of the manifests; None if there is nothing to do."""
        if self.registry is not None:
            return None
        return loaded.putting(list(dict.fromkeys(name for text in manifests for name in images.named_in(text))))

    def image(self, spark_version: str) -> str:
        """Make the image of this Spark version available to nodes, and return the name under which they find it."""
        built = images.spark_recipe(spark_version).reference
        self.provide(built)
        return self._found_as(built)

    def images_in(self, manifests: str) -> Mapping[str, str]:
        """Return the images that `manifests` name, by the name of the recipe, as nodes find them."""
        known = {name: self._found_as(recipe.reference) for name, recipe in images.recipes().items()}
        return {name: reference for name, reference in known.items() if reference in manifests}

    def _found_as(self, built: str) -> str:
        return built if self.registry is None else f"{self.registry}/{built.partition('/')[2]}"

    @property
    def etcd(self) -> Etcd:
        """The data of the cluster's control plane; raises UsageError where it is not the embedded one's."""
        if self.registry is None:
            return Etcd(layout())
        raise UsageError(f"The control plane of {self.name} is not for a run to stop: use -D cluster=embedded.")

    def refuse_without_room(self) -> None:
        """Check that a run fits on the embedded cluster's machine; raises SparkproofError. Others are not asked."""
        if self.registry is None:
            lifecycle.refuse_without_room()

    def added(self, capabilities: Iterable[str]) -> list[str]:
        """Return those of these capabilities that the cluster has only once `add` has started them."""
        return [name for name in capabilities if name in _ADDED] if self.registry is None else []

    def add(self, name: str) -> None:
        """Start what stands behind one of the `added` capabilities, or leave it as it is.

        Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
        """
        _ADDED[name](self.kube)


def reach(cluster: str, kubeconfig: Path | None = None, registry: str = "", ahead: Sequence[str] = ()) -> Target:
    """Reach the cluster "embedded", which is started when it is down, or "context:NAME" of a kubeconfig.

    Without `kubeconfig`, kubectl's own is used. A named cluster pulls the platform's images from `registry`. For the
    embedded one that is started, the images of these names are made `ahead` of their use. Raises
    UsageError for a context that does not exist, Unreachable when its API server does not answer.
    """
    if cluster == EMBEDDED_CLUSTER:
        return _target(EMBEDDED_CLUSTER, lifecycle.up(ahead), None, programs.build("helm"), registry=None)
    context = cluster.removeprefix("context:")
    return _target(context, kubeconfig or _default_kubeconfig(), context, helm_program(), registry=registry)


def remark(cluster: str, reason: str) -> str:
    """Return the pressure that the embedded cluster's machine is under, to be added to the `reason` of a failure.

    It is "" for other clusters, if there is none, and if `reason` names it. The API server is not asked: it does not
    answer when the disk is full.
    """
    under = lifecycle.pressure() if cluster == EMBEDDED_CLUSTER else ""
    known = not under or under.partition(" (")[0] in reason
    return "" if known else f"the cluster's machine is under {under}"


def helm_program() -> Path:
    """Return the path of the helm that is installed here; without one, helm is built."""
    installed = shutil.which("helm")
    return Path(installed) if installed else programs.build("helm")


def reach_running(cluster: str, kubeconfig: Path | None = None) -> Target | None:
    """Reach a cluster that runs already; None when the embedded one is down."""
    if cluster == EMBEDDED_CLUSTER and lifecycle.status().state == "down":
        return None
    return reach(cluster, kubeconfig)


def _target(name: str, kubeconfig: Path, context: str | None, helm: Path, *, registry: str | None) -> Target:
    kube = Kube(kubeconfig, context)
    kube.version()
    return Target(name, kube, Helm(helm, kubeconfig, context), registry)


def _default_kubeconfig() -> Path:
    """Return the first file of $KUBECONFIG, else ~/.kube/config; raises UsageError when there is no such file."""
    path = Path(os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or Path.home() / ".kube" / "config")
    if not path.is_file():
        raise UsageError(
            f"There is no kubeconfig at {path}: name one with -D kubeconfig=FILE, or use -D cluster=embedded."
        )
    return path
