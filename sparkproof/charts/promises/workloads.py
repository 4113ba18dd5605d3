"""Promises of workloads: how many pods they have, how pods end, and when they are replaced."""

from collections.abc import Iterator

from sparkproof.charts.promises.pods import LABELS
from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import COMPONENT, OF_SPARK, Pod, View, component_of, differences

# Who takes longer than Kubernetes' 30 s to go, and who has nothing to finish.
_GRACE_S = {"executor": 60, "postgres": 60, "client": 5, "submit": 5}

# Pods in which users' programs run: the drivers of sessions and of applications, notebooks, and clients.
_OF_USERS = {"client", "connect", "driver", "jupyter", "submit"}
# What keeps Karpenter and the Cluster Autoscaler from moving a pod:
# https://karpenter.sh/docs/concepts/disruption/ and
# https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
_UNDISTURBED = {"karpenter.sh/do-not-disrupt": "true", "cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}


@promise("there are as many pods as values say, replaced one way")
def _workloads(view: View) -> Iterator[str]:
    for each in view.kind("StatefulSet", "Deployment"):
        component, spec = component_of(each), each.get("spec", {})
        where, values = f"{each['kind']} of {component}", view.of_component(component)
        scaled = values.get("autoscaling", {}).get("enabled", False)
        if spec.get("replicas") != (None if scaled else values.get("replicas", 1)):
            yield f"{where}: replicas is {spec.get('replicas')}"
        # Two JupyterLabs would write to one folder, and two Airflows would start as many tasks as are allowed to one.
        if spec.get("strategy") != ({"type": "Recreate"} if component in ("jupyter", "airflow") else None):
            yield f"{where}: strategy is {spec.get('strategy')}"
        if spec.get("podManagementPolicy") != ("Parallel" if component == "worker" else None):
            yield f"{where}: podManagementPolicy is {spec.get('podManagementPolicy')}"
        labels = spec.get("template", {}).get("metadata", {}).get("labels", {})
        own = {name: labels.get(name) for name in (f"app.kubernetes.io/{label}" for label in LABELS)}
        if spec.get("selector") != {"matchLabels": own}:
            yield f"{where} selects {spec.get('selector')}, and its pods are {own}"


@promise("work that is done once is tried again until it is done")
def _jobs(view: View) -> Iterator[str]:
    for pod in view.running:
        if pod.owner.get("kind") == "Job":
            if pod.spec.get("restartPolicy") != "OnFailure":
                yield f"{pod.where}: restartPolicy is {pod.spec.get('restartPolicy')}"
            if not 10 <= pod.owner.get("spec", {}).get("backoffLimit", 6) <= 50:
                yield f"{pod.where}: backoffLimit is {pod.owner.get('spec', {}).get('backoffLimit')}"
        elif pod.owner.get("kind") == "CronJob":
            yield from _again(view, pod)
        elif pod.owner.get("kind") == "ScaledJob":
            yield from differences(pod.where, pod.spec, {"restartPolicy": "Never"})
        elif "restartPolicy" in pod.spec:
            yield f"{pod.where}: restartPolicy is {pod.spec['restartPolicy']}; whatever ends has to start again"


def _again(view: View, pod: Pod) -> Iterator[str]:
    """Compare the CronJob of a pod with its values: one at a time, tried again unless another is at work."""
    spec = pod.owner.get("spec", {})
    wanted = {
        "schedule": view.of_component(pod.component).get("schedule"),
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
    }
    yield from differences(pod.where, spec, wanted)
    busy = {"containerName": pod.component, "operator": "In", "values": [75]}
    job = {"backoffLimit": 2, "podFailurePolicy": {"rules": [{"action": "FailJob", "onExitCodes": busy}]}}
    yield from differences(pod.where, spec.get("jobTemplate", {}).get("spec", {}), job)
    yield from differences(pod.where, pod.spec, {"restartPolicy": "Never"})
    if not 600 <= spec.get("startingDeadlineSeconds", 0) <= 4 * 3600:
        yield f"{pod.where}: startingDeadlineSeconds is {spec.get('startingDeadlineSeconds')}"


@promise("a pod that has to go has time for what it is doing")
def _grace(view: View) -> Iterator[str]:
    for pod in view.running:
        wanted = _GRACE_S.get(pod.component)
        if pod.component == "worker":
            wanted = view.values["worker"]["terminationGracePeriodSeconds"]
            hook = {"preStop": {"exec": {"command": ["/opt/sparkproof/decommission.py"]}}}
            if pod.main.get("lifecycle") != hook:
                yield f"{pod.where}: nobody decommissions the worker before it goes"
        if pod.component == "airflow" and pod.main.get("lifecycle") != {"preStop": {"sleep": {"seconds": 10}}}:
            yield f"{pod.where}: tasks that are asked to end cannot tell the API server how they ended"
        if pod.spec.get("terminationGracePeriodSeconds") != wanted:
            grace = pod.spec.get("terminationGracePeriodSeconds")
            yield f"{pod.where}: terminationGracePeriodSeconds is {grace}; expected {wanted}"


@promise("a pod is replaced when its configuration changes")
def _checksums(view: View) -> Iterator[str]:
    names = {component_of(each): each["metadata"].get("name") for each in view.kind("ConfigMap")}
    for pod in view.running:
        annotations = pod.metadata.get("annotations", {})
        yield from differences(pod.where, annotations, view.of_component(pod.component).get("podAnnotations", {}))
        if pod.component in names and pod.component not in OF_SPARK:
            digest = view.digests.get(str(names[pod.component]))
            if annotations.get("checksum/configuration") != digest:
                yield f"{pod.where}: checksum/configuration does not follow {names[pod.component]}, which it reads once"


@promise("a drain takes workers one after another, and a server with its sessions only where values let it")
def _budgets(view: View) -> Iterator[str]:
    budgets = {component_of(each): each.get("spec", {}) for each in view.kind("PodDisruptionBudget")}
    protected = view.enabled("connect") and view.of_component("connect")["podDisruptionBudget"]["enabled"]
    wanted = {"worker"} if view.enabled("worker") else set()
    if set(budgets) != wanted | ({"connect"} if protected else set()):
        yield f"disruption budgets are those of {sorted(budgets)}"
    for component, spec in budgets.items():
        own = {"app.kubernetes.io/name": "spark", "app.kubernetes.io/instance": view.case.release, COMPONENT: component}
        if spec.get("maxUnavailable") != (0 if component == "connect" else 1):
            yield f"the disruption budget of {component} lets a drain take {spec.get('maxUnavailable')} at once"
        if spec.get("selector") != {"matchLabels": own}:
            yield f"the disruption budget of {component} selects {spec.get('selector')}"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"the disruption budget of {component} lets a pod that is not ready block a drain"


@promise("autoscalers of nodes leave users' programs where they are, and may move all else")
def _undisturbed(view: View) -> Iterator[str]:
    for pod in view.running:
        own = view.of_component(pod.component).get("podAnnotations", {})
        for name, value in _UNDISTURBED.items():
            wanted = own.get(name, value if pod.component in _OF_USERS else None)
            found = pod.metadata.get("annotations", {}).get(name)
            if found != wanted:
                yield f"{pod.where}: {name} is {found!r}; expected {wanted!r}"


@promise("workers are as many as their autoscaler finds right")
def _autoscalers(view: View) -> Iterator[str]:
    values = view.of_component("worker").get("autoscaling", {})
    follows = values.get("follows") if values.get("enabled") else None
    for kind, what in {"HorizontalPodAutoscaler": "cpu", "ScaledObject": "applications"}.items():
        found = [component_of(each) for each in view.kind(kind)]
        if found != (["worker"] if follows == what else []):
            yield f"each {kind} is that of {found}, and workers follow {follows}"
    target = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": f"{view.name}-worker"}
    for each in view.kind("HorizontalPodAutoscaler"):
        busy = {"type": "Utilization", "averageUtilization": values["targetCPUUtilizationPercentage"]}
        wanted = {
            "scaleTargetRef": target,
            "minReplicas": values["minReplicas"],
            "maxReplicas": values["maxReplicas"],
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": busy}}],
        }
        yield from differences("autoscaler by CPU", each.get("spec", {}), wanted)
    for each in view.kind("ScaledObject"):
        wanted = {
            "scaleTargetRef": target,
            "pollingInterval": values["pollingSeconds"],
            "cooldownPeriod": values["cooldownSeconds"],
            "idleReplicaCount": 0,
            "minReplicaCount": values["minReplicas"],
            "maxReplicaCount": values["maxReplicas"],
        }
        yield from differences("autoscaler by applications", each.get("spec", {}), wanted)


@promise("no autoscaler takes a worker away while there is an application, and one that waits brings another worker")
def _by_applications(view: View) -> Iterator[str]:
    master = f"http://{view.name}-master.{view.case.namespace}.svc:8080/metrics/master/prometheus/"
    for each in view.kind("ScaledObject"):
        advanced = each.get("spec", {}).get("advanced", {})
        down = advanced.get("horizontalPodAutoscalerConfig", {}).get("behavior", {}).get("scaleDown")
        if down != {"selectPolicy": "Disabled"}:
            yield f"workers are taken away by {down}, which does not know which are busy"
        wanted = {"formula": "applications == 0 ? 0 : workers + waiting", "target": "1"}
        yield from differences("number of workers", advanced.get("scalingModifiers", {}), wanted)
        told = view.settings["master"].get("spark.metrics.conf.master.sink.prometheusServlet.path")
        metrics = {"applications": "apps", "waiting": "waitingApps", "workers": "aliveWorkers"}
        for trigger in each.get("spec", {}).get("triggers", ()):
            metric = metrics.pop(trigger.get("name"), None)
            source = {
                "url": master,
                "format": "prometheus",
                "valueLocation": f'metrics_master_{metric}_Value{{type="gauges"}}',
                "targetValue": "1",
            }
            where = f"trigger {trigger.get('name')}"
            yield from differences(where, trigger.get("metadata", {}), source)
            yield from differences(where, trigger, {"type": "metrics-api"})
        if metrics or told != "/metrics/master/prometheus":
            yield f"KEDA does not find {sorted(metrics)} at {master}; the master tells its metrics at {told}"
