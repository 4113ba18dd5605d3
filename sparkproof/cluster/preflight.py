"""The probes of a cluster before anything is installed: rights, nodes that take pods, a registry, storage."""

from sparkproof.cluster import rights
from sparkproof.cluster.target import Target
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.progress import say
from sparkproof.kube import nodes
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import NAMESPACE, NODE, STORAGE_CLASS

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_SHOWN = 4


def check(target: Target, namespace: str = "") -> None:
    """Raise UsageError or SparkproofError, in one sentence, for what would fail every scenario on this cluster.

    With a namespace, the run has no other.
    """
    _check_rights(target, namespace)
    if namespace:
        _check_namespace(target, namespace)
    _check_nodes(target)
    if target.registry == "":
        raise UsageError(
            f"{target.name} needs -D registry=HOST/PATH, the registry that its nodes pull the platform's images from: "
            "`sparkproof images --push HOST/PATH` fills it, and `sparkproof images` lists them."
        )


def lack_of_storage(target: Target, manifests: str) -> str:
    """Return why the volumes in rendered manifests cannot come; "" if they can, or if nobody may say."""
    if "PersistentVolumeClaim" not in manifests and "volumeClaimTemplates" not in manifests:
        return ""
    try:
        classes = target.kube.list(STORAGE_CLASS)
    except Refused:
        return ""
    if any(each["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true" for each in classes):
        return ""
    named = ", ".join(each["metadata"]["name"] for each in classes) or "none"
    return (
        f"no StorageClass of {target.name} is the default (there are: {named}), and the platform's volumes ask for the "
        f"default: `kubectl annotate storageclass NAME {DEFAULT_CLASS}=true`"
    )


def _check_rights(target: Target, namespace: str) -> None:
    if missing := rights.missing(target.kube, namespace):
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        role, otherwise = "ClusterRole of examples/rights/cluster-role.yaml", "use -D namespace=NAME or "
        if namespace:
            role, otherwise = "Role of examples/rights/role.yaml", "use "
        where = f"in namespace {namespace} of {target.name}" if namespace else f"on {target.name}"
        raise UsageError(
            f"These credentials may not {'; '.join(missing[:_SHOWN])}{more} {where}: bind the {role} to them "
            f"(docs/rights.md says what each right is for), or {otherwise}-D cluster=embedded."
        )


def _check_namespace(target: Target, namespace: str) -> None:
    found = target.kube.get(NAMESPACE, namespace)
    if found is None:
        raise UsageError(
            f"There is no namespace {namespace} on {target.name}, and a run makes none where -D namespace is given: "
            "ask for it to be made, or give the name of one that is there."
        )
    if "deletionTimestamp" in found["metadata"]:
        raise UsageError(f"Namespace {namespace} of {target.name} is about to go: give the name of one that stays.")


def _check_nodes(target: Target) -> None:
    try:
        listed = target.kube.list(NODE)
    except Refused:
        return
    closed = nodes.found_closed(target.kube, listed)
    if nodes.none_open(listed):
        raise SparkproofError(f"No node of {target.name} takes pods, so nothing could run: {'; '.join(closed)}.")
    for sentence in closed:
        say(sentence)
