"""The kinds of Kubernetes objects, manifests as the API server has them, and the meaning of their states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
Manifests = list[Manifest]


@dataclass(frozen=True)
class Kind:
    """A kind of object and the API version in which it is requested."""

    name: str
    api_version: str = "v1"


POD = Kind("Pod")
# The request to take a pod off its node, as a drain makes it; budgets may refuse it.
EVICTION = Kind("Eviction", "policy/v1")
# What is changed of a pod when somebody adds a container to look into it, as `kubectl debug` does.
EPHEMERAL_CONTAINERS = Kind("EphemeralContainers")
# Requests about a pod that have a path of their own below it.
PARTS_OF_PODS: Mapping[Kind, str] = {EVICTION: "eviction", EPHEMERAL_CONTAINERS: "ephemeralcontainers"}
DISRUPTION_BUDGET = Kind("PodDisruptionBudget", "policy/v1")
EVENT = Kind("Event")
NODE = Kind("Node")
NAMESPACE = Kind("Namespace")
RESOURCE_QUOTA = Kind("ResourceQuota")
CONFIG_MAP = Kind("ConfigMap")
SECRET = Kind("Secret")
STATEFUL_SET = Kind("StatefulSet", "apps/v1")
DEPLOYMENT = Kind("Deployment", "apps/v1")
SERVICE_ACCOUNT = Kind("ServiceAccount")
CLUSTER_ROLE = Kind("ClusterRole", "rbac.authorization.k8s.io/v1")
ROLE_BINDING = Kind("RoleBinding", "rbac.authorization.k8s.io/v1")
SCALED_OBJECT = Kind("ScaledObject", "keda.sh/v1alpha1")
SIZE_ADVICE = Kind("VerticalPodAutoscaler", "autoscaling.k8s.io/v1")
SPARK_APPLICATION = Kind("SparkApplication", "sparkoperator.k8s.io/v1beta2")
NODE_POOL = Kind("NodePool", "karpenter.sh/v1")
NODE_CLAIM = Kind("NodeClaim", "karpenter.sh/v1")
# Kueue's: the quota of a team, its queue in a namespace, the nodes of a quota, and what waits or has its part of it.
CLUSTER_QUEUE = Kind("ClusterQueue", "kueue.x-k8s.io/v1beta2")
LOCAL_QUEUE = Kind("LocalQueue", "kueue.x-k8s.io/v1beta2")
RESOURCE_FLAVOR = Kind("ResourceFlavor", "kueue.x-k8s.io/v1beta2")
QUEUED_WORKLOAD = Kind("Workload", "kueue.x-k8s.io/v1beta2")
JOB = Kind("Job", "batch/v1")
CRON_JOB = Kind("CronJob", "batch/v1")
SCALED_JOB = Kind("ScaledJob", "keda.sh/v1alpha1")
VOLUME = Kind("PersistentVolume")
VOLUME_CLAIM = Kind("PersistentVolumeClaim")
SERVICE = Kind("Service")
ENDPOINT_SLICE = Kind("EndpointSlice", "discovery.k8s.io/v1")
DAEMON_SET = Kind("DaemonSet", "apps/v1")
NETWORK_POLICY = Kind("NetworkPolicy", "networking.k8s.io/v1")
INGRESS = Kind("Ingress", "networking.k8s.io/v1")
ADMISSION_POLICY = Kind("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1")
ADMISSION_POLICY_BINDING = Kind("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io/v1")
MUTATING_WEBHOOKS = Kind("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1")
VALIDATING_WEBHOOKS = Kind("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1")
LEASE = Kind("Lease", "coordination.k8s.io/v1")
STORAGE_CLASS = Kind("StorageClass", "storage.k8s.io/v1")
API_SERVICE = Kind("APIService", "apiregistration.k8s.io/v1")
CUSTOM_RESOURCE = Kind("CustomResourceDefinition", "apiextensions.k8s.io/v1")
# The objects by which the Prometheus operator knows of a Prometheus, and of its rules.
PROMETHEUS = Kind("Prometheus", "monitoring.coreos.com/v1")
SERVICE_MONITOR = Kind("ServiceMonitor", "monitoring.coreos.com/v1")
PROMETHEUS_RULE = Kind("PrometheusRule", "monitoring.coreos.com/v1")
OWN_ACCESS_REVIEW = Kind("SelfSubjectAccessReview", "authorization.k8s.io/v1")
ACCESS_REVIEW = Kind("SubjectAccessReview", "authorization.k8s.io/v1")
# The same question for one namespace, which the rights of that namespace suffice for.
LOCAL_ACCESS_REVIEW = Kind("LocalSubjectAccessReview", "authorization.k8s.io/v1")

# The annotation of a node that kwok simulates and on which nothing runs:
# https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/
SIMULATED = {"kwok.x-k8s.io/node": "fake"}


def what_holds(found: Manifest) -> str:
    """Return what is known of why an object that is to go is still there."""
    metadata = found.get("metadata", {})
    asked = metadata.get("deletionTimestamp", "nobody asked for its end")
    return f"asked to end: {asked}; finalizers: {', '.join(metadata.get('finalizers', [])) or 'none'}"


def selector(labels: Mapping[str, str]) -> str:
    """Return the labels in the API server's form of a selector: "app=x,role=y"."""
    return ",".join(f"{key}={value}" for key, value in labels.items())


def last_seen(event: Manifest) -> str:
    """Return when an event was seen last, in the API's format; "" if it does not say."""
    made = event.get("metadata", {}).get("creationTimestamp", "")
    return str(event.get("lastTimestamp") or event.get("eventTime") or made)


def has_ended(pod: Manifest) -> bool:
    """True if a pod has ended, with success or without; it keeps its labels."""
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def condition(found: Manifest | None, name: str) -> Manifest:
    """Return a condition of an object, by its type ("Ready"); {} if it has none of this type yet, or is not there."""
    conditions = (found or {}).get("status", {}).get("conditions", ())
    return next((each for each in conditions if each["type"] == name), {})


def secrets(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the Secrets of which a pod with this spec is given values, as NAME/KEY; as NAME where it is given all.

    What a rendering that no server has seen leaves out of a reference is "".
    """
    for container in [*spec.get("initContainers", ()), *spec.get("containers", ())]:
        for variable in container.get("env") or []:
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                yield f"{reference.get('name', '')}/{reference.get('key', '')}"
        for source in container.get("envFrom") or []:
            if "secretRef" in source:
                yield source["secretRef"].get("name", "")
    for volume in spec.get("volumes") or []:
        parts = [volume, *volume.get("projected", {}).get("sources", [])]
        for secret in (part["secret"] for part in parts if "secret" in part):
            name = secret.get("secretName") or secret.get("name", "")
            yield from [f"{name}/{item.get('key', '')}" for item in secret.get("items", [])] or [name]


def job_of(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the spec of the Jobs that a workload with this spec makes; of one that makes pods itself, its own."""
    job: Mapping[str, Any] = spec.get("jobTargetRef") or spec.get("jobTemplate", {}).get("spec", spec)
    return job


def is_rolled_out(workload: Manifest) -> bool:
    """True if a Deployment or StatefulSet of one pod is as it is specified, and its pod is available."""
    status = workload.get("status", {})
    counts = {status.get(count) for count in ("replicas", "updatedReplicas", "availableReplicas")}
    return counts == {1} and bool(status.get("observedGeneration") == workload["metadata"]["generation"])


def is_ready(workload: Manifest) -> bool:
    """True if a Job is done, or if all pods of another workload are up to date and ready."""
    spec, status = workload["spec"], workload.get("status", {})
    if workload["kind"] == JOB.name:
        return bool(status.get("succeeded"))
    counts = {status.get(count, 0) for count in ("replicas", "updatedReplicas", "readyReplicas")}
    return status.get("observedGeneration") == workload["metadata"]["generation"] and counts == {spec["replicas"]}


def is_simulated(node: Manifest) -> bool:
    """True if a node is simulated by kwok."""
    annotations: dict[str, str] = node["metadata"].get("annotations", {})
    return SIMULATED.items() <= annotations.items()
