"""Promises of what is not there: fields, annotations, files and settings that nobody asked for."""

import re
from collections.abc import Iterator

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import Object, View, component_of

_OBJECT = {"apiVersion", "kind", "metadata"}
_METADATA = {"name", "namespace", "labels", "annotations"}
# What each kind of object has beside that; the fields of its `spec` are those below.
_TOP = {
    "ConfigMap": {"data"},
    "Role": {"rules"},
    "RoleBinding": {"roleRef", "subjects"},
    "ServiceAccount": {"automountServiceAccountToken"},
}
_SPECS = {
    "CronJob": {"schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds", "jobTemplate"},
    "Deployment": {"replicas", "strategy", "selector", "template"},
    "HorizontalPodAutoscaler": {"scaleTargetRef", "minReplicas", "maxReplicas", "metrics"},
    "Job": {"backoffLimit", "podFailurePolicy", "podReplacementPolicy", "template"},
    "NetworkPolicy": {"podSelector", "policyTypes", "ingress", "egress"},
    "PersistentVolumeClaim": {"accessModes", "storageClassName", "resources"},
    "PodDisruptionBudget": {"maxUnavailable", "unhealthyPodEvictionPolicy", "selector"},
    "PodMonitor": {"jobLabel", "podTargetLabels", "selector", "podMetricsEndpoints"},
    "PrometheusRule": {"groups"},
    "ScaledObject": {
        "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "idleReplicaCount", "pollingInterval", "cooldownPeriod",
        "advanced", "triggers",
    },
    "ScaledJob": {
        "jobTargetRef", "pollingInterval", "maxReplicaCount", "successfulJobsHistoryLimit", "failedJobsHistoryLimit",
        "triggers",
    },
    "Service": {"type", "clusterIP", "publishNotReadyAddresses", "selector", "ports"},
    "ServiceMonitor": {"jobLabel", "podTargetLabels", "selector", "endpoints"},
    "StatefulSet": {"replicas", "podManagementPolicy", "serviceName", "selector", "template"},
    "TriggerAuthentication": {"secretTargetRef"},
}  # fmt: skip
_ANNOTATIONS = {
    "Pod": {"helm.sh/hook", "helm.sh/hook-delete-policy"},
    "PersistentVolumeClaim": {"helm.sh/resource-policy"},
}
_OF_PODS = {
    "checksum/configuration",
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "karpenter.sh/do-not-disrupt",
    *_ANNOTATIONS["Pod"],
}
_FILES = {
    "airflow": {".airflowignore"},
    "connect": {"spark-defaults.conf", "fairscheduler.xml", "executor-pod.yaml"},
    "history-server": {"spark-defaults.conf"},
    "master": {"spark-defaults.conf"},
    "monitoring": {"connect.json", "master.json"},
    "submit": {"spark-defaults.conf", "driver-pod.yaml", "executor-pod.yaml"},
    "worker": {"spark-defaults.conf"},
}
# Settings by what they begin with; each is the subject of another promise, which says what it has to be.
_SETTINGS = {
    "spark": "app.name blockManager.port cores.max decommission.enabled master metrics.namespace plugins "
    "scheduler.mode",
    "spark.connect": "execute.manager.detachedTimeout execute.manager.maintenanceInterval grpc.binding.port "
    "execute.reattachable.senderMaxStreamDuration",
    "spark.deploy": "recoveryDirectory recoveryMode",
    "spark.driver": "bindAddress blockManager.port cores host memory memoryOverhead port",
    "spark.dynamicAllocation": "enabled executorIdleTimeout maxExecutors minExecutors shuffleTracking.enabled "
    "shuffleTracking.timeout",
    "spark.eventLog": "compress compression.codec dir enabled rolling.enabled rolling.maxFileSize",
    "spark.executor": "cores instances memory memoryOverhead",
    "spark.hadoop.fs.s3a": "directory.marker.retention endpoint endpoint.region path.style.access",
    "spark.history": "fs.cleaner.enabled fs.cleaner.maxAge fs.logDirectory fs.update.interval ui.port",
    "spark.kubernetes": "authenticate.driver.serviceAccountName authenticate.executor.serviceAccountName "
    "container.image container.image.pullPolicy decommission.script namespace",
    "spark.kubernetes.driver": "limit.cores ownPersistentVolumeClaim pod.name podTemplateContainerName podTemplateFile "
    "request.cores reusePersistentVolumeClaim service.deleteOnTermination",
    "spark.kubernetes.executor": "disableConfigMap limit.cores podTemplateContainerName podTemplateFile request.cores "
    "terminationGracePeriodSeconds",
    "spark.master": "rest.enabled",
    "spark.metrics": "appStatusSource.enabled conf.*.sink.prometheusServlet.class conf.*.sink.prometheusServlet.path "
    "conf.applications.sink.prometheusServlet.path conf.master.sink.prometheusServlet.path",
    "spark.rapids": "sql.concurrentGpuTasks sql.explain sql.mode",
    "spark.sql": "extensions session.timeZone",
    "spark.storage": "decommission.enabled decommission.rddBlocks.enabled decommission.shuffleBlocks.enabled",
    "spark.ui": "port prometheus.enabled",
    "spark.worker": "cleanup.enabled preferConfiguredMasterAddress",
}
_KNOWN = {f"{beginning}.{end}" for beginning, ends in _SETTINGS.items() for end in ends.split()}
# Those of a catalog, by the name that values give it, and those that count GPUs.
_PATTERNS = (
    r"spark\.sql\.catalog\.[\w-]+(\.(type|cache-enabled|warehouse|uri|io-impl|retryable_status_codes"
    r"|s3\.endpoint|s3\.path-style-access|client\.region|jdbc\.user|jdbc\.schema-version))?",
    r"spark\.(executor|task|worker)\.resource\.gpu\.(amount|vendor|discoveryScript)",
)


@promise("no object says more than a platform needs")
def _objects(view: View) -> Iterator[str]:
    for each in view.objects:
        kind, metadata = str(each.get("kind")), each.get("metadata", {})
        where = f"{kind} {metadata.get('name')}"
        body = {"spec"} if kind in _SPECS or kind == "Pod" else _TOP.get(kind, set())
        yield from _beside(where, each, _OBJECT | body)
        yield from _beside(where, metadata, _METADATA)
        yield from _beside(where, metadata.get("annotations", {}), _annotations(view, kind, component_of(each)))
        if kind in _SPECS:
            yield from _beside(where, each.get("spec", {}), _SPECS[kind])
        inner = each.get("spec", {}).get("jobTemplate", {})
        yield from _beside(f"the Job of {where}", inner, {"spec"})
        for job in (inner.get("spec", {}), each.get("spec", {}).get("jobTargetRef", {})):
            yield from _beside(f"the Job of {where}", job, _SPECS["Job"])
    for pod in view.pods:
        yield from _beside(pod.where, pod.metadata, _METADATA)
        asked = _OF_PODS | set(view.of_component(pod.component).get("podAnnotations", {}))
        yield from _beside(pod.where, pod.metadata.get("annotations", {}), asked)


def _annotations(view: View, kind: str, component: str) -> set[str]:
    asked = view.of_component(component).get("podAnnotations", {}) if kind == "Pod" else {}
    return _ANNOTATIONS.get(kind, set()) | set(asked)


def _beside(where: str, found: Object, known: set[str]) -> Iterator[str]:
    for name in sorted(set(found) - known):
        yield f"{where} has {name}, which no platform needs"


@promise("a program finds no file and no setting that nobody asked for")
def _configuration(view: View) -> Iterator[str]:
    for each in view.kind("ConfigMap"):
        component = component_of(each)
        for file in sorted(set(each.get("data", {})) - _FILES.get(component, set())):
            yield f"{component} finds the file {file}, which it does not need"
    forced = {"spark.rapids.shims-provider-override"} if view.values["gpu"]["forcedShim"] else set()
    for component, settings in view.settings.items():
        for name in sorted(set(settings) - _KNOWN - forced - set(view.values["sparkConf"])):
            if not any(re.fullmatch(pattern, name) for pattern in _PATTERNS):
                yield f"{component} has the setting {name}, which nobody asked for"
