"""Promises of defaults: what a platform is whose values say nothing, and what no other promise knows to be right.

The other promises take what is right from the values; whoever installs a chart takes the values from here.
"""

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import View
from sparkproof.charts.values import Values, has_key, leaves
from sparkproof.core.resources import quantity

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_HOUR_S, _DAY_S = 3600, 86400
# A rate needs two readings in its window, and one may be missed.
_READINGS = 4
# A JVM takes about half as much as its heap for all else.
_HEAP_AT_MOST = 0.7
Limits = tuple[float, float]
# The least and the most of an amount or a duration, in seconds, with what is wrong with less or more.
_BETWEEN: Mapping[str, tuple[Limits, str]] = {
    "backup.keep": ((14, 365), "what is noticed late is in no backup any more"),
    "backup.maxAgeHours": ((1, 24), "more than a day of work may be without a backup before anybody says so"),
    "airflow.parallelism": ((1, 16), "more tasks run at once than their pod has room for"),
    "connect.detachedTimeout": ((5, 120), "work outlives its client, or ends with a moment without network"),
    "connect.senderMaxStreamDuration": ((5, 60), "the work of a client that is gone goes on"),
    "driver.cores": ((1, 2), "one application takes a whole node"),
    "dynamicAllocation.maxExecutors": ((1, 10), "one query takes all that a namespace has"),
    "dynamicAllocation.minExecutors": ((0, 1), "executors that nobody uses are paid for"),
    "executor.cores": ((1, 2), "one executor takes a whole node"),
    "executor.instances": ((1, 4), "one query takes all that a namespace has"),
    "gpu.concurrentTasks": ((1, 4), "tasks share a GPU's memory until none has enough"),
    "dynamicAllocation.idleTimeout": ((10, 600), "executors come and go with each query, or nobody gets them back"),
    "dynamicAllocation.shuffleTimeout": ((60, 3600), "an executor goes with files that others read, or never"),
    "historyServer.maxAge": ((7 * _DAY_S, 365 * _DAY_S), "nobody can look up what went wrong last week"),
    "historyServer.updateInterval": ((1, 60), "what has ended is not there for whoever looks"),
    "ingest.pollingSeconds": ((1, 300), "what has landed waits for nobody's reason"),
    "monitoring.monitors.interval": ((5, 60), "an alert looks at numbers of long ago"),
    "monitoring.rules.window": ((600, _HOUR_S), "an alert ends before somebody has looked, or hours after its cause"),
    "monitoring.rules.wait": ((60, 900), "an alert comes for a moment's trouble, or when users have called"),
    "postgres.maxConnections": ((50, 500), "a catalog has no connection, or the server no memory for all of them"),
    "worker.autoscaling.maxReplicas": ((2, 10), "one application takes all that a namespace has"),
    "worker.autoscaling.minReplicas": ((1, 2), "the first application waits for a worker, or some are paid for unused"),
    "worker.autoscaling.targetCPUUtilizationPercentage": ((50, 90), "workers come too late, or before they are needed"),
    "worker.cores": ((1, 2), "one worker takes a whole node"),
    "worker.replicas": ((1, 4), "there is no worker, or more than a small cluster has room for"),
    "worker.autoscaling.cooldownSeconds": ((60, _HOUR_S), "workers go between two applications, or cost for hours"),
    "worker.autoscaling.pollingSeconds": ((1, 30), "the first application waits for a worker"),
    "worker.terminationGracePeriodSeconds": ((60, 600), "a worker that has to go is killed with its tasks"),
}
# What has to be just so, with what is wrong with anything else.
_JUST: Mapping[str, tuple[Any, str]] = {
    "airflow.startsPods": (False, "who writes a DAG may start any pod"),
    "airflow.users": ([{"name": "admin", "role": "admin"}], "somebody may start runs whom nobody has named"),
    "backup.schedule": ("17 */6 * * *", "a backup is older than its alert says, or taken in the middle of the work"),
    "commonLabels": ({}, "no platform has asked for it"),
    "connect.podDisruptionBudget.enabled": (True, "a drain ends the sessions of all users"),
    "connect.timeZone": ("UTC", "a time in a query is another one elsewhere, and one hour of the year is there twice"),
    "eventLog.compress": (True, "event logs take ten times their room"),
    "eventLog.rolling": (True, "the log of a driver that is killed is whole nowhere"),
    "image.digest": ("", "each version of Spark would run one version's image"),
    "gpu.mode": ("execute", "GPUs are paid for, and only planned for"),
    "image.registry": ("localhost", "images that somebody else has made may run"),
    "image.repository": ("sparkproof/spark", "images that somebody else has made may run"),
    "image.pullSecrets": ([], "a pod waits for a Secret that nobody has made"),
    "image.pullPolicy": ("IfNotPresent", "a pod waits for the registry, or never has an image"),
    "image.tag": ("", "the images would not be those that are made for the version"),
    "jupyter.persistence.enabled": (True, "notebooks go with their pod"),
    "master.persistence.enabled": (True, "a master that comes back knows no application"),
    "monitoring.rules.secretMaxAge": ("", "an alert asks for what no kube-state-metrics may say"),
    "mlflow.allowedHosts": ([], "pages of others may speak with the tracking server under a name of their own"),
    "networkPolicy.apiServer.cidrs": (["0.0.0.0/0", "::/0"], "drivers do not reach the API server wherever it is"),
    "networkPolicy.apiServer.ports": ([443, 6443], "drivers may call at any address what listens at another port"),
    "networkPolicy.dnsCidrs": ([], "all programs may call who is no name server"),
    "networkPolicy.dnsNamespace": ("kube-system", "all programs may call who is no name server"),
    "networkPolicy.dnsPorts": ([53], "all programs may call more of that namespace than its name server"),
    "networkPolicy.egress": ([], "users' programs may send data to where nobody said"),
    "networkPolicy.prometheus": ([], "others than a Prometheus may read metrics, and end work on the same port"),
    "networkPolicy.users": ([], "strangers may call what users call"),
    "sparkConf": ({}, "each setting that is there has a value of its own"),
}
# What is switched on where nobody says so; all other switches are off.
_ON = [
    "bucket",
    "client",
    "connect",
    "connect.podDisruptionBudget",
    "dynamicAllocation",
    "iceberg.catalogs.hadoop",
    "jupyter.persistence",
    "master.persistence",
    "monitoring.dashboards",
    "monitoring.monitors",
    "monitoring.rules",
    "warehouse",
]
# What is somebody's own, and empty until they name it.
_OWN = [
    "applications",
    "dags",
    "digest",
    "endpoint",
    "existingClaim",
    "existingSecret",
    "forcedShim",
    "host",
    "labels",
    "metastoreVersion",
    "sparkVersion",
    "storageClass",
    "tag",
    "uri",
]
# The names under which a platform finds again what it has: under others, an upgrade would look elsewhere.
_NAMES = {
    "airflow.authentication.key": "secret", "airflow.database": "airflow", "bucket.name": "lakehouse",
    "connect.authentication.key": "token", "connect.port": 15002, "eventLog.prefix": "event-logs",
    "hiveMetastore.database": "metastore", "iceberg.catalogs.hadoop.name": "lake",
    "iceberg.catalogs.hive.name": "hive", "iceberg.catalogs.jdbc.database": "jdbc",
    "iceberg.catalogs.jdbc.name": "jdbc", "iceberg.catalogs.rest.name": "rest", "ingest.authentication.key": "key",
    "ingest.donePrefix": "landed", "ingest.kedaNamespace": "keda", "ingest.prefix": "landing",
    "ingest.table": "lake.default.landed", "jupyter.authentication.key": "token", "mlflow.database": "mlflow",
    "mlflow.prefix": "mlflow", "objectStore.pathStyle": True, "objectStore.region": "us-east-1",
    "postgres.port": 5432, "restCatalog.database": "rest", "worker.autoscaling.follows": "cpu",
    "worker.autoscaling.kedaNamespace": "keda",
}  # fmt: skip
# The least and the most of amounts by the ends of their keys: CPUs, bytes of Kubernetes, and bytes as Spark has them.
_SIZES: Mapping[str, tuple[str, str]] = {
    # A kernel, and a task of Airflow, has a session's client in Python.
    "jupyter.resources.limits.memory": ("1Gi", "2Gi"),
    "airflow.scheduler.resources.limits.memory": ("1Gi", "2Gi"),
    "objectStore.persistence.size": ("10Gi", "50Gi"),
    "resources.requests.cpu": ("5m", "500m"),
    "resources.limits.cpu": ("100m", "2"),
    "resources.requests.memory": ("32Mi", "1536Mi"),
    "resources.limits.memory": ("64Mi", "1536Mi"),
    "cpuRequest": ("100m", "500m"),
    "cpuLimit": ("1", "2"),
    "size": ("1Gi", "50Gi"),
    "maxFileSize": ("1Mi", "128Mi"),
    "daemonMemory": ("128Mi", "1Gi"),
    "memoryOverhead": ("384Mi", "1Gi"),
    "memory": ("256Mi", "2Gi"),
}
_OF_SPARK = ("maxFileSize", "daemonMemory", "memoryOverhead", "memory")
_OF_PODS = ("extraEnv", "podAnnotations", "podLabels", "nodeSelector", "tolerations")


@promise("a platform whose values say nothing is closed, kept and watched")
def _defaults(view: View) -> Iterator[str]:
    chart = view.case.chart
    values, version = chart.values, str(chart.about["appVersion"])
    newest = max(chart.versions, key=lambda each: [int(part) for part in each.split(".")])
    if version != newest:
        yield f"Spark {version} is installed where nobody says which, so that users lack what {newest} has mended"
    for key, (wanted, why) in _JUST.items():
        if has_key(values, key.split(".")) and (found := _at(values, key)) != wanted:
            yield f"{key} is {found!r} where nobody says otherwise, so {why}; expected {wanted!r}"
    for key, ((least, most), why) in _BETWEEN.items():
        if has_key(values, key.split(".")) and not least <= seconds(found := _at(values, key)) <= most:
            yield f"{key} is {found} where nobody says otherwise, so {why}; expected {least:g} to {most:g}"
    for keys, found in leaves(values):
        key = ".".join(keys)
        if not set(keys) & set(_OF_PODS) and not any(f"{key}.".startswith(f"{own}.") for own in (*_JUST, *_BETWEEN)):
            yield from _by_its_kind(key, found)
    yield from _without_room(values)
    for component, own in values.items():
        for key in _OF_PODS if isinstance(own, Mapping) and component != "gpu" else ():
            if own.get(key):
                yield f"{component}.{key} is {own[key]!r} where nobody says otherwise, and no platform has asked for it"


def _without_room(values: Values) -> Iterator[str]:
    """Yield the components whose heaps leave a JVM too little of its pod's memory: it needs much beside them."""
    for component, own in values.items():
        known = dict(leaves(own)) if isinstance(own, Mapping) else {}
        limit = str(known.get(("resources", "limits", "memory"), "0"))
        heaps = [known[name,] for name in ("memory", "daemonMemory") if (name,) in known and limit != "0"]
        if sum(_amount("memory", heap) for heap in heaps) > _HEAP_AT_MOST * quantity(limit):
            yield (
                f"{component} has heaps of {' and '.join(heaps)} in {limit} where nobody says otherwise, so that it is "
                f"killed for what it needs beside them; expected {_HEAP_AT_MOST:.0%} at most"
            )


def _by_its_kind(key: str, found: Any) -> Iterator[str]:
    """Yield what is wrong with a default that has no line of its own; one of no kind has to get a line."""
    otherwise, last = f"{key} is {found!r} where nobody says otherwise", key.rpartition(".")[2]
    size = next((end for end in _SIZES if f".{key}".endswith(f".{end}")), "")
    if last in ("enabled", "keep"):
        if found is not (wanted := key.removesuffix(".enabled") in _ON):
            yield f"{otherwise}, so that {'something is missing' if wanted else 'there is more than a platform needs'}"
    elif key in _NAMES:
        if found != _NAMES[key]:
            yield f"{otherwise}, so that an upgrade looks elsewhere for what is there; expected {_NAMES[key]!r}"
    elif last == "accessMode" or last in _OWN:
        if found not in ("", {}, "ReadWriteOnce"):
            yield f"{otherwise}, and each platform has its own"
    elif size:
        least, most = _SIZES[size]
        if not quantity(least) <= _amount(size, found) <= quantity(most):
            yield f"{otherwise}, which is no size of a small platform; expected {least} to {most}"
    else:
        yield f"{otherwise}, and nobody has judged that: give it a line in promises/defaults.py"


def _amount(size: str, found: Any) -> float:
    """Return an amount; what Spark calls 640m are mebibytes."""
    text = str(found)
    return quantity(f"{text[:-1]}{text[-1].upper()}i" if size in _OF_SPARK and text[-1] in "kmg" else text)


def _at(values: Values, path: str) -> Any:
    """Return the value at a path of keys."""
    return reduce(lambda found, key: found[key], path.split("."), values)


@promise("a Prometheus reads often enough for what alerts count over minutes")
def _readings(view: View) -> Iterator[str]:
    between = seconds(view.values["monitoring"]["monitors"]["interval"])
    for each in view.kind("PrometheusRule"):
        groups = each.get("spec", {}).get("groups", [])
        for rule in (rule for group in groups for rule in group.get("rules", [])):
            windows = [seconds(window) for window in re.findall(r"\[(\w+)\]", rule.get("expr", ""))]
            if windows and min(windows) < _READINGS * between:
                yield (
                    f"{rule.get('alert')} counts over {min(windows):g} s what is read every {between:g} s, so that it "
                    f"may never fire; expected {_READINGS} readings at least"
                )


def seconds(value: Any) -> float:
    """Return a duration ("30s", "5min", "30d") in seconds, and a number as it is."""
    if found := re.fullmatch(r"(\d+)([a-z]+)", str(value)):
        return int(found[1]) * _SECONDS[found[2]]
    return float(value)
