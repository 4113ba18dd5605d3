"""Promises of Spark's settings: drivers that are found, executors that come, work and go, and what presets add."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import Pod, View, differences

_RAPIDS = "com.nvidia.spark.SQLPlugin"
Settings = dict[str, str]
_TRUE, _FALSE = "true", "false"


@promise("executors find their driver by its Service")
def _driver(view: View) -> Iterator[str]:
    name = f"{view.name}-connect"
    wanted = {
        "spark.app.name": name,
        "spark.driver.bindAddress": "0.0.0.0",
        "spark.driver.host": f"{name}-0.{name}-headless.{view.case.namespace}.svc",
        "spark.ui.port": "4040",
        "spark.connect.grpc.binding.port": str(view.values["connect"]["port"]),
        "spark.driver.memory": view.values["connect"]["memory"],
    }
    yield from _of_connect(view, wanted)
    for component, settings in view.of_drivers.items():
        ports = {"driver.port": "7078", "driver.blockManager.port": "7079", "blockManager.port": "7079"}
        yield from differences(component, settings, {f"spark.{key}": value for key, value in ports.items()})


def _own(view: View, wanted: Settings) -> Settings:
    """What is expected, unless the user's own sparkConf says otherwise."""
    return {name: view.values["sparkConf"].get(name, value) for name, value in wanted.items()}


def _of_connect(view: View, wanted: Settings) -> Iterator[str]:
    if view.enabled("connect"):
        yield from differences("connect", view.settings.get("connect", {}), _own(view, wanted))


@promise("sessions see the time zone of the values, and share executors fairly")
def _sessions(view: View) -> Iterator[str]:
    wanted = {"spark.scheduler.mode": "FAIR", "spark.sql.session.timeZone": view.values["connect"]["timeZone"]}
    yield from _of_connect(view, wanted)
    for each in view.kind("ConfigMap"):
        if "spark.connect.grpc.binding.port" in each.get("data", {}).get("spark-defaults.conf", {}):
            pools = "".join(str(each["data"].get("fairscheduler.xml", "")).split())
            fair = "<schedulingMode>FAIR</schedulingMode><weight>1</weight><minShare>0</minShare>"
            if pools != f'<allocations><poolname="default">{fair}</pool></allocations>':
                yield "connect: fairscheduler.xml does not share executors among sessions"


@promise("the work of a client that is gone ends soon, as its values say")
def _clients_gone(view: View) -> Iterator[str]:
    values = view.values["connect"]
    wanted = {
        "spark.connect.execute.reattachable.senderMaxStreamDuration": values["senderMaxStreamDuration"],
        "spark.connect.execute.manager.detachedTimeout": values["detachedTimeout"],
        "spark.connect.execute.manager.maintenanceInterval": "5s",
    }
    yield from _of_connect(view, wanted)


@promise("a driver starts its executors as pods of its namespace, and they go with it")
def _executors_as_pods(view: View) -> Iterator[str]:
    for component, settings in ({} if view.standalone else view.of_drivers).items():
        wanted = {
            "spark.master": "k8s://https://kubernetes.default.svc",
            "spark.kubernetes.namespace": view.case.namespace,
            "spark.kubernetes.executor.podTemplateFile": "/opt/spark/conf/executor-pod.yaml",
            "spark.kubernetes.executor.podTemplateContainerName": "executor",
            # What a driver has no right to, it may not ask for.
            "spark.kubernetes.executor.disableConfigMap": _TRUE,
            "spark.kubernetes.driver.service.deleteOnTermination": _FALSE,
            "spark.kubernetes.driver.ownPersistentVolumeClaim": _FALSE,
            "spark.kubernetes.driver.reusePersistentVolumeClaim": _FALSE,
        }
        if component == "connect":
            wanted["spark.kubernetes.driver.pod.name"] = f"{view.name}-connect-0"
        else:
            wanted["spark.kubernetes.driver.podTemplateFile"] = "/opt/spark/conf/driver-pod.yaml"
            wanted["spark.kubernetes.driver.podTemplateContainerName"] = "driver"
            if "spark.kubernetes.driver.pod.name" in settings:
                yield "submit: all submitted drivers would have one pod's name"
        yield from differences(component, settings, _own(view, wanted))
    yield from _templates(view)


def _templates(view: View) -> Iterator[str]:
    of_submit = ["driver", "executor"] if view.enabled("submit") else []
    of_connect = ["executor"] if view.enabled("connect") else []
    wanted = [] if view.standalone else [*of_connect, *of_submit]
    found = [pod for pod in view.running if pod.owner.get("kind") == "ConfigMap"]
    if sorted(pod.component for pod in found) != sorted(wanted):
        yield f"there are pod templates of {sorted(pod.component for pod in found)}; expected {sorted(wanted)}"
    for pod in found:
        yield from _template(pod)


def _template(pod: Pod) -> Iterator[str]:
    file, _, _ = pod.where.partition(" of ")
    if file != f"{pod.component}-pod.yaml":
        yield f"{pod.where} is the template of {pod.component}"
    inner: Any = pod.owner.get("data", {}).get(file, {})
    yield from differences(pod.where, inner, {"apiVersion": "v1", "kind": "Pod"})
    if pod.main.get("name") != pod.component:
        yield f"{pod.where}: Spark looks for the container {pod.component}"


@promise("executors and drivers are as large as values say")
def _sizes(view: View) -> Iterator[str]:
    executor, driver, dynamic = view.values["executor"], view.values["driver"], view.values["dynamicAllocation"]
    for component, settings in view.of_drivers.items():
        wanted = {"spark.executor.cores": str(executor["cores"]), "spark.executor.memory": executor["memory"]}
        if view.standalone:
            if component == "submit":
                wanted["spark.driver.memory"] = driver["memory"]
            if not dynamic["enabled"]:
                wanted["spark.cores.max"] = str(executor["cores"] * executor["instances"])
        else:
            wanted |= _of_pod("executor", executor)
            if component == "submit":
                size = {"spark.driver.cores": str(driver["cores"]), "spark.driver.memory": driver["memory"]}
                wanted |= _of_pod("driver", driver) | size
            if not dynamic["enabled"]:
                wanted["spark.executor.instances"] = str(executor["instances"])
        yield from differences(component, settings, _own(view, wanted))


def _of_pod(whose: str, values: Any) -> Settings:
    return {
        f"spark.{whose}.memoryOverhead": values["memoryOverhead"],
        f"spark.kubernetes.{whose}.request.cores": str(values["cpuRequest"]),
        f"spark.kubernetes.{whose}.limit.cores": str(values["cpuLimit"]),
    }


@promise("executors come with the work and go when it is done")
def _dynamic(view: View) -> Iterator[str]:
    values = view.values["dynamicAllocation"]
    wanted = {"enabled": str(values["enabled"]).lower()}
    if values["enabled"]:
        wanted |= {
            "shuffleTracking.enabled": _TRUE,
            "shuffleTracking.timeout": values["shuffleTimeout"],
            "executorIdleTimeout": values["idleTimeout"],
            "minExecutors": str(values["minExecutors"]),
            "maxExecutors": str(values["maxExecutors"]),
        }
    for component, settings in view.of_drivers.items():
        named = {f"spark.dynamicAllocation.{name}": value for name, value in wanted.items()}
        yield from differences(component, settings, _own(view, named))


@promise("an executor that has to go finishes its work and hands over its blocks")
def _decommission(view: View) -> Iterator[str]:
    blocks = ("enabled", "rddBlocks.enabled", "shuffleBlocks.enabled")
    moves = {f"spark.storage.decommission.{name}": _TRUE for name in blocks}
    for component, settings in view.settings.items():
        if component == "history-server":
            continue
        wanted = {"spark.decommission.enabled": _TRUE}
        if component in view.of_drivers:
            wanted |= moves
            if not view.standalone:
                wanted["spark.kubernetes.decommission.script"] = "/opt/sparkproof/decommission.py"
                if not str(view.values["sparkVersion"]).startswith("3."):
                    wanted["spark.kubernetes.executor.terminationGracePeriodSeconds"] = "60s"
        yield from differences(component, settings, _own(view, wanted))


@promise("a standalone cluster is found by its master's Service, and outlives it")
def _standalone(view: View) -> Iterator[str]:
    if not view.standalone:
        return
    for component, settings in view.of_drivers.items():
        yield from differences(component, settings, {"spark.master": f"spark://{view.address('master')}"})
    of_master = {"spark.deploy.recoveryMode": "FILESYSTEM", "spark.deploy.recoveryDirectory": "/state"}
    of_worker = {"spark.worker.preferConfiguredMasterAddress": _TRUE, "spark.worker.cleanup.enabled": _TRUE}
    yield from differences("master", view.settings.get("master", {}), _own(view, of_master))
    yield from differences("worker", view.settings.get("worker", {}), _own(view, of_worker))


@promise("nobody submits to a standalone cluster without being asked who they are")
def _rest(view: View) -> Iterator[str]:
    for component in ("master", "submit") if view.standalone else ():
        if component in view.settings:
            yield from differences(component, view.settings[component], {"spark.master.rest.enabled": _FALSE})


@promise("GPUs are counted alike by tasks, executors and Kubernetes, and RAPIDS uses them")
def _gpus(view: View) -> Iterator[str]:
    gpu = view.values["gpu"]
    script = {"amount": "1", "discoveryScript": "/opt/sparkproof/gpu-discovery.sh"}
    wanted: Settings = {}
    if gpu["enabled"]:
        wanted = {
            "spark.rapids.sql.concurrentGpuTasks": str(gpu["concurrentTasks"]),
            "spark.rapids.sql.mode": "executeOnGPU" if view.executes_on_gpus else "explainOnly",
            "spark.rapids.sql.explain": "NOT_ON_GPU",
        }
    if gpu["enabled"] and gpu["forcedShim"]:
        provider = f"com.nvidia.spark.rapids.shims.{gpu['forcedShim']}.SparkShimServiceProvider"
        wanted["spark.rapids.shims-provider-override"] = provider
    if view.executes_on_gpus:
        asked = {**script, "vendor": "nvidia.com"}
        wanted |= {f"spark.executor.resource.gpu.{name}": value for name, value in asked.items()}
    for component, settings in view.of_drivers.items():
        yield from differences(component, settings, _own(view, wanted))
        if view.executes_on_gpus and _tasks_on_a_gpu(settings) != view.values["executor"]["cores"]:
            yield f"{component}: {_tasks_on_a_gpu(settings)} tasks share an executor's GPU, and not one for each core"
        if gpu["enabled"] and _RAPIDS not in settings.get("spark.plugins", "").split(","):
            yield f"{component}: spark.plugins lacks RAPIDS', so that nothing runs on a GPU"
        of_gpus = {name for name in settings if name.startswith("spark.rapids") or ".resource.gpu." in name}
        shared = {"spark.task.resource.gpu.amount"} if view.executes_on_gpus else set()
        if beside := of_gpus - set(wanted) - shared - set(view.values["sparkConf"]):
            yield f"{component} has {sorted(beside)}"
    if "worker" in view.settings:
        counted = {name: value for name, value in view.settings["worker"].items() if ".resource.gpu." in name}
        of_worker = {f"spark.worker.resource.gpu.{name}": value for name, value in script.items()}
        if counted != (of_worker if view.executes_on_gpus else {}):
            yield f"worker counts GPUs by {counted or 'nothing'}"


def _tasks_on_a_gpu(settings: Settings) -> int:
    """Return how many tasks share one GPU; 0 if the settings do not say it."""
    try:
        return int(1 / float(settings.get("spark.task.resource.gpu.amount", "")))
    except (ValueError, ZeroDivisionError):
        return 0


@promise("every program of Spark has the settings that users and presets give it")
def _given(view: View) -> Iterator[str]:
    for component in ("connect", "submit", "history-server", "master", "worker"):
        if view.enabled(component) and component not in view.settings:
            yield f"{component} finds no settings in its ConfigMap"
    for component, settings in view.settings.items():
        yield from differences(component, settings, _joined(view, component))


def _joined(view: View, component: str) -> Settings:
    """The user's settings as they are read: Iceberg's extension and RAPIDS' plugin stay beside the user's."""
    own = {name: str(value).replace("\\", "\\\\") for name, value in view.values["sparkConf"].items()}
    for name in {"spark.sql.extensions", "spark.plugins"} & own.keys() if component in view.of_drivers else ():
        found = view.settings[component].get(name, "")
        own[name] = found if own[name] in found else own[name]
    return own
