"""Promises of presets and environments: each sets what it is for, and opens, ends or hides nothing beside it."""

from collections.abc import Iterator, Mapping

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import View
from sparkproof.charts.values import Values, leaves, read
from sparkproof.core import examples

_STORE = "objectStore.enabled objectStore.existingSecret"
_DATABASE = "postgres.enabled postgres.existingSecret"
_CLOSED = (
    "networkPolicy.enabled sparkConf.spark.ui.killEnabled sparkConf.spark.authenticate "
    "sparkConf.spark.network.crypto.enabled sparkConf.spark.io.encryption.enabled"
)
_EXECUTORS = "dynamicAllocation.minExecutors dynamicAllocation.maxExecutors"
_IDLE = "dynamicAllocation.idleTimeout dynamicAllocation.shuffleTimeout"
_SMALL = f"{_EXECUTORS} {_IDLE} connect.resources.requests.cpu warehouse.size"
_SPOT = "karpenter.sh/capacity-type"
# The keys that each preset and each environment sets. Which values they have to have is said by the criteria of
# features/charts/presets.feature and environments.feature, which miss each of these lines.
_PRESETS: Mapping[str, str] = {
    "airflow": f"{_DATABASE} airflow.enabled airflow.authentication.existingSecret",
    "backup": f"{_STORE} {_DATABASE} backup.enabled backup.persistence.keep",
    "cost-optimized": f"connect.nodeSelector.{_SPOT} master.nodeSelector.{_SPOT} executor.nodeSelector.{_SPOT} "
    f"executor.tolerations worker.nodeSelector.{_SPOT} worker.tolerations worker.autoscaling.enabled "
    "dynamicAllocation.enabled dynamicAllocation.minExecutors sparkConf.spark.task.maxFailures",
    "elastic": "monitoring.enabled worker.autoscaling.enabled worker.autoscaling.follows",
    "gpu": "gpu.enabled gpu.nodeSelector.nvidia.com/gpu.present gpu.tolerations executor.cores executor.memory "
    "executor.memoryOverhead executor.cpuRequest executor.cpuLimit worker.cores worker.memory "
    "worker.resources.requests.cpu worker.resources.requests.memory worker.resources.limits.cpu "
    "worker.resources.limits.memory",
    "iceberg": f"{_STORE} {_DATABASE} hiveMetastore.enabled restCatalog.enabled iceberg.catalogs.hive.enabled "
    "iceberg.catalogs.rest.enabled iceberg.catalogs.jdbc.enabled eventLog.enabled historyServer.enabled",
    "mlflow": f"{_STORE} {_DATABASE} mlflow.enabled",
    "monitoring": "monitoring.enabled",
    "restricted": _CLOSED,
    "small": f"{_SMALL} master.persistence.size worker.replicas",
}
_ENVIRONMENTS: Mapping[str, str] = {
    "dev": _SMALL,
    "prod": f"{_CLOSED} {_EXECUTORS} warehouse.size warehouse.keep",
    "staging": f"{_CLOSED} {_EXECUTORS} warehouse.size",
}


@promise("a preset or an environment sets what it is for, and nothing else")
def _beside(view: View) -> Iterator[str]:
    for preset in view.case.presets:
        name = preset.name.removesuffix("-values.yaml")
        yield from _unasked(f"the preset {name}", read(preset), _PRESETS.get(name, ""))
    for name in examples.names("environments") if view.case.values else ():
        if view.case.values == (given := examples.environment(name)):
            yield from _unasked(f"the environment {name}", given, _ENVIRONMENTS.get(name, ""))


def _unasked(who: str, given: Values, known: str) -> Iterator[str]:
    for keys, value in leaves(given):
        if (key := ".".join(keys)) not in known.split():
            yield f"{who} sets {key} to {value!r}, which is not what it is for"
