"""Pod Security: the check that a platform runs in a namespace that enforces the level `restricted`."""

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.labels import POD_SECURITY
from sparkproof.kube.objects import NAMESPACE
from sparkproof.spark.executors import Executors
from sparkproof.spark.platform import Platform


def must_run_restricted(platform: Platform) -> None:
    """Check that driver, client and an executor run in a namespace that enforces `restricted`."""
    workloads = platform.workloads
    namespace = workloads.kube.get(NAMESPACE, workloads.namespace) or {}
    enforced = namespace.get("metadata", {}).get("labels", {}).get(f"{POD_SECURITY}/enforce")
    if enforced != "restricted":
        raise CheckFailed(f"The namespace {workloads.namespace} enforces {enforced or 'nothing'}, not restricted.")
    pods = [workloads.pod("connect"), workloads.pod("client"), Executors.of(platform).one()]
    contexts = {pod["metadata"]["name"]: [c.get("securityContext") for c in pod["spec"]["containers"]] for pod in pods}
    if unguarded := [name for name, own in contexts.items() if not all(own)]:
        raise CheckFailed(f"{', '.join(unguarded)} was there before: restricted admits no container without a context.")
    evidence.prove(Level.ADMITTED, f"{', '.join(contexts)} were admitted", security_contexts=contexts)
