"""Promises of pods: what they may not do, what they have, where they run, and when they are replaced."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.variables import spark_image
from sparkproof.charts.promises.view import OF_SPARK, Object, Pod, View, component_of, differences

_POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 185,
    "runAsGroup": 185,
    "fsGroup": 185,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_POD_FIELDS = {
    "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "securityContext", "imagePullSecrets",
    "nodeSelector", "tolerations", "initContainers", "containers", "volumes", "restartPolicy",
    "terminationGracePeriodSeconds",
}  # fmt: skip
_CONTAINER_FIELDS = {
    "name", "image", "imagePullPolicy", "command", "args", "env", "ports", "resources", "securityContext",
    "volumeMounts", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle",
}  # fmt: skip
# The volumes that outlive a container or are shared, by the folder at which a program finds them.
FOLDERS = {
    "configuration": "/opt/spark/conf",
    "applications": "/opt/spark/applications",
    "databases": "/etc/sparkproof/databases",
    "warehouse": "/warehouse",
    "notebooks": "/home/jupyter",
    "airflow": "/var/lib/airflow",
    "dags": "/dags",
    "state": "/state",
    "run": "/run/postgresql",
    "tmp": "/tmp",
    "work-dir": "/opt/spark/work-dir",
}
_DATA = {"object-store": "/data", "postgres": "/var/lib/postgresql", "backup": "/backups"}
_READ_ONLY = ("configuration", "applications", "databases", "dags")
LABELS = ("name", "instance", "component")
_NOT_OF_SPARK = ("backup", "object-store", "postgres", "hive-metastore", "hive-schema", "rest-catalog", "mlflow")


@promise("every object says what it belongs to")
def _objects(view: View) -> Iterator[str]:
    for each in view.objects:
        metadata = each.get("metadata", {})
        where, component = f"{each.get('kind')} {metadata.get('name')}", component_of(each)
        chart = f"{view.case.chart.name}-{view.case.chart.about['version']}"
        wanted = {**_labels(view, component), "managed-by": "Helm"}
        own = {f"app.kubernetes.io/{name}": value for name, value in wanted.items()} | {"helm.sh/chart": chart}
        yield from differences(where, metadata.get("labels", {}), own | dict(view.values["commonLabels"]))
        yield from differences(where, metadata, {"namespace": view.case.namespace})
        if each.get("kind") == "Pod" and component != "test":
            yield f"{where} is a test, and its label says {component!r}"
        name, own_name = str(metadata.get("name")), f"{view.name}-{component}"
        if not component or not f"{name}-".startswith(f"{own_name}-"):
            yield f"{where} does not have the name of its release and its component, {own_name}"
    for pod in view.running:
        labels = {f"app.kubernetes.io/{name}": value for name, value in _labels(view, pod.component).items()}
        if pod.component in _NOT_OF_SPARK:
            # Another version of Spark must not replace them.
            del labels["app.kubernetes.io/version"]
        of_user = {**view.values["commonLabels"], **view.of_component(pod.component).get("podLabels", {})}
        yield from differences(pod.where, pod.metadata.get("labels", {}), labels | of_user)
        if pod.component in _NOT_OF_SPARK and "app.kubernetes.io/version" in pod.metadata.get("labels", {}):
            yield f"{pod.where} is replaced by each version of Spark, whose label it has"


def _labels(view: View, component: str) -> dict[str, str]:
    version = str(view.values["sparkVersion"])
    return {"name": "spark", "instance": view.case.release, "component": component, "version": version}


@promise("there are the objects of each component, and no others")
def _all_objects(view: View) -> Iterator[str]:
    counted = Counter((str(each.get("kind")), component_of(each)) for each in view.objects)
    found = set(counted)
    workloads = {
        "connect": "StatefulSet", "master": "StatefulSet", "worker": "StatefulSet", "object-store": "StatefulSet",
        "postgres": "StatefulSet", "client": "Deployment", "airflow": "Deployment",
        "submit": "Deployment", "jupyter": "Deployment",
        "history-server": "Deployment", "hive-metastore": "Deployment", "rest-catalog": "Deployment",
        "mlflow": "Deployment", "bucket": "Job", "hive-schema": "Job", "backup": "CronJob",
        "ingest-counter": "Deployment", "ingest": "ScaledJob",
    }  # fmt: skip
    wanted = {(kind, component) for component, kind in workloads.items() if view.enabled(component)}
    for kind, component in sorted(wanted - found):
        yield f"{component} has no {kind}"
    known = {
        "StatefulSet", "Deployment", "Job", "CronJob", "Pod", "Service", "ConfigMap", "ServiceAccount", "Role",
        "RoleBinding", "PersistentVolumeClaim", "NetworkPolicy", "ServiceMonitor", "PodMonitor", "PodDisruptionBudget",
        "HorizontalPodAutoscaler", "PrometheusRule", "ScaledObject", "ScaledJob", "TriggerAuthentication",
    }  # fmt: skip
    for made, component in sorted(found):
        # A second one of another name could allow what the first one denies.
        if counted[made, component] > 1 and made not in ("Pod", "Service", "ConfigMap"):
            yield f"{component} has {counted[made, component]} objects of the kind {made}"
        if made not in known:
            yield f"{component} has a {made}, which no platform needs"
        if made in workloads.values() and (made, component) not in wanted:
            yield f"{component} has a {made} though it is switched off, or another kind is right for it"


@promise("no container can write into its image")
def _read_only(view: View) -> Iterator[str]:
    for pod in view.pods:
        for each in pod.containers:
            if each.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                yield f"{pod.where}: the root of {each.get('name')} can be written to"


@promise("every pod is as restricted as Pod Security can ask")
def _restricted(view: View) -> Iterator[str]:
    for pod in view.pods:
        yield from differences(f"{pod.where}: securityContext", pod.spec.get("securityContext", {}), _POD_SECURITY)
        yield from _beside(pod.where, pod.spec.get("securityContext", {}), set(_POD_SECURITY))
        for each in pod.containers:
            where = f"{pod.where}: securityContext of {each.get('name')}"
            yield from differences(where, each.get("securityContext", {}), _CONTAINER_SECURITY)
            yield from _beside(where, each.get("securityContext", {}), set(_CONTAINER_SECURITY))


@promise("no pod has more of its node than it needs")
def _no_more(view: View) -> Iterator[str]:
    for pod in view.pods:
        yield from _beside(pod.where, pod.spec, _POD_FIELDS)
        if pod.spec.get("enableServiceLinks") is not False:
            yield f"{pod.where} is told of every Service of its namespace: enableServiceLinks is not false"
        for each in pod.containers:
            yield from _beside(f"{pod.where}: {each.get('name')}", each, _CONTAINER_FIELDS)
        for volume in pod.spec.get("volumes", ()):
            kinds = set(volume) - {"name"}
            if len(kinds) != 1 or kinds - {"emptyDir", "configMap", "persistentVolumeClaim", "secret", "projected"}:
                yield f"{pod.where}: the volume {volume.get('name')} is of {sorted(kinds) or 'no kind'}"


def _beside(where: str, found: Object, known: set[str]) -> Iterator[str]:
    for field in sorted(set(found) - known):
        yield f"{where} has {field}, which no pod of a platform needs"


@promise("each program finds its folders, and each folder has a volume")
def _folders(view: View) -> Iterator[str]:
    for pod in view.pods:
        volumes = {volume.get("name") for volume in pod.spec.get("volumes", ())}
        mounted: set[str] = set()
        for each in pod.containers:
            where = f"{pod.where}: {each.get('name')}"
            own = {mount.get("name"): mount for mount in each.get("volumeMounts", ())}
            mounted |= set(own)
            for name, mount in own.items():
                folder = _DATA.get(pod.component) if name == "data" else FOLDERS.get(str(name))
                yield from differences(where, mount, {"mountPath": folder})
                if mount.get("readOnly", False) != (name in _READ_ONLY):
                    yield f"{where}: readOnly of {name} is {mount.get('readOnly')!r}"
            image = _service_of(view, pod, str(each.get("name")))
            wanted = {"tmp"} | (set() if image else {"work-dir"})
            if each is pod.main or (image == "airflow" and each.get("name") != "metrics"):
                wanted |= _wanted(view, pod)
            if each.get("name") == "scheduler" and view.submits_by_airflow:
                wanted |= _of_submission(view)
            for name in sorted(wanted - set(own)):
                yield f"{where} has no folder {name}"
        for name in sorted(map(str, mounted ^ volumes)):
            yield f"{pod.where}: {name} is {'mounted without a volume' if name in mounted else 'mounted nowhere'}"


def _wanted(view: View, pod: Pod) -> set[str]:
    """The folders that a component's own container cannot do without."""
    about = "submit" if pod.where.endswith("-submit-uses") else pod.component
    found = set()
    if about in ("connect", "history-server", "master", "worker"):
        found.add("configuration")
    if about in ("connect", "driver", "executor", "worker") and view.enabled("warehouse"):
        found.add("warehouse")
    if about == "driver" and view.values["submit"]["applications"]:
        found.add("applications")
    if about == "submit":
        found |= _of_submission(view)
    return found | {"jupyter": {"notebooks"}, "airflow": {"airflow", "dags"},
                    "master": {"state"}, "object-store": {"data"}, "backup": {"data", "databases"},
                    "postgres": {"data", "run", "databases"}}.get(about, set())  # fmt: skip


def _of_submission(view: View) -> set[str]:
    """The folders of who submits applications, and may be their driver."""
    applications = {"applications"} if view.values["submit"]["applications"] else set()
    return {"configuration", *applications, *(["warehouse"] if view.enabled("warehouse") else [])}


@promise("each volume is the one that its name says")
def _volumes(view: View) -> Iterator[str]:
    claims = {component_of(each): each["metadata"].get("name") for each in view.kind("PersistentVolumeClaim")}
    for pod in view.pods:
        about = "submit" if pod.where.endswith("-submit-uses") else pod.component
        configs = [each["metadata"].get("name") for each in view.kind("ConfigMap") if component_of(each) == about]
        claimed = {"warehouse": "warehouse", "notebooks": about, "state": about, "data": about}
        for volume in pod.spec.get("volumes", ()):
            name = str(volume.get("name"))
            where = f"{pod.where}: volume {name}"
            wanted: dict[str, Any] = {"emptyDir": {}}
            if name == "configuration":
                # Airflow's tasks submit as the submitting pod does.
                of_submission = f"{view.name}-submit" if about == "airflow" else None
                wanted = {"configMap": {"name": of_submission or next(iter(configs), None)}}
            elif name == "applications":
                wanted = {"configMap": {"name": view.values["submit"]["applications"]}}
            elif name == "dags":
                # The processor of DAGs would follow a ConfigMap's links for ever without the component's own file.
                named = [next(iter(configs), None), *filter(None, [view.of_component(about).get("dags")])]
                wanted = {"projected": {"sources": [{"configMap": {"name": each}} for each in named]}}
            elif name == "databases":
                wanted = {"secret": {"secretName": view.values["postgres"]["existingSecret"], "defaultMode": 0o440}}
            elif name in claimed:
                own = view.of_component(claimed[name])
                kept = own.get("persistence", own)
                if kept.get("enabled", True):
                    claim = kept.get("existingClaim") or claims.get(claimed[name])
                    wanted = {"persistentVolumeClaim": {"claimName": claim}}
            yield from differences(where, volume, wanted)


@promise("each container may take what its values say")
def _resources(view: View) -> Iterator[str]:
    for pod in view.pods:
        if pod.component in OF_SPARK:
            continue
        about = "submit" if pod.where.endswith("-submit-uses") else pod.component
        values = view.of_component(about)
        for each in pod.containers:
            wanted = values.get(str(each.get("name")), values).get("resources", {})
            gpus = {"nvidia.com/gpu": 1} if pod.component == "worker" and view.executes_on_gpus else {}
            limits = {**wanted.get("limits", {}), **(gpus if each is pod.main else {})}
            for bound, amounts in {"requests": wanted.get("requests", {}), "limits": limits}.items():
                found = each.get("resources", {}).get(bound, {})
                if found != amounts:
                    yield f"{pod.where}: {bound} of {each.get('name')} are {found}; its values say {amounts}"


@promise("each pod goes where its values say")
def _placement(view: View) -> Iterator[str]:
    gpu = view.values.get("gpu", {})
    for pod in view.pods:
        values = view.of_component(pod.component)
        selector, tolerations = dict(values.get("nodeSelector", {})), list(values.get("tolerations", ()))
        carries = pod.component == ("worker" if view.standalone else "executor")
        if view.executes_on_gpus and carries:
            selector, tolerations = {**gpu["nodeSelector"], **selector}, [*tolerations, *gpu["tolerations"]]
        for field, wanted in {"nodeSelector": selector, "tolerations": tolerations}.items():
            if (pod.spec.get(field) or type(wanted)()) != wanted:
                yield f"{pod.where}: {field} is {pod.spec.get(field)}; its values say {wanted}"


@promise("each container runs the image that is made for it")
def _images(view: View) -> Iterator[str]:
    image = view.values["image"]
    folder = image["repository"].rpartition("/")[0]
    services = view.case.chart.images(str(view.values["sparkVersion"]))
    for pod in view.pods:
        if pod.spec.get("imagePullSecrets", []) != image["pullSecrets"]:
            yield f"{pod.where} pulls its images by {pod.spec.get('imagePullSecrets')}; expected {image['pullSecrets']}"
        if pod.component in OF_SPARK:
            continue
        for each in pod.containers:
            of = _service_of(view, pod, str(each.get("name")))
            wanted = "/".join(filter(None, [image["registry"], folder, services[of]])) if of else spark_image(view)
            asked = {"image": wanted, "imagePullPolicy": image["pullPolicy"]}
            yield from differences(f"{pod.where}: {each.get('name')}", each, asked)


def _service_of(view: View, pod: Pod, container: str) -> str:
    """The image of a container as versions.yaml names it; "" is Spark's."""
    if container in ("await-schema", "await-postgres", "hive-schema") or pod.tests == "postgres":
        return "" if container == "account" else "postgres"
    if pod.component in view.tracking:
        return "mlflow-client"
    return pod.component if pod.component in ("backup", "object-store", "postgres", "hive-metastore", "rest-catalog",
                                              "jupyter", "mlflow", "airflow") else ""  # fmt: skip


@promise("executors and drivers run the platform's own image")
def _images_of_spark(view: View) -> Iterator[str]:
    for component, settings in view.of_drivers.items():
        if not view.standalone:
            wanted = {"image": spark_image(view), "image.pullPolicy": view.values["image"]["pullPolicy"]}
            named = {f"spark.kubernetes.container.{name}": value for name, value in wanted.items()}
            yield from differences(component, settings, named)
