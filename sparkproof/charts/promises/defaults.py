"""Promises of defaults: what a platform is whose values say nothing, and what no other promise knows to be right.

The other promises take what is right from the values; whoever installs a chart takes the values from here.
"""

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import View
from sparkproof.charts.values import Values, has_key

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_HOUR_S, _DAY_S = 3600, 86400
# A rate needs two readings in its window, and one may be missed.
_READINGS = 4
Limits = tuple[float, float]
# The least and the most of an amount or a duration, in seconds, with what is wrong with less or more.
_BETWEEN: Mapping[str, tuple[Limits, str]] = {
    "backup.keep": ((14, 365), "what is noticed late is in no backup any more"),
    "backup.maxAgeHours": ((1, 24), "more than a day of work may be without a backup before anybody says so"),
    "connect.detachedTimeout": ((5, 120), "work outlives its client, or ends with a moment without network"),
    "dynamicAllocation.maxExecutors": ((1, 10), "one query takes all that a namespace has"),
    "dynamicAllocation.idleTimeout": ((10, 600), "executors come and go with each query, or nobody gets them back"),
    "dynamicAllocation.shuffleTimeout": ((60, 3600), "an executor goes with files that others read, or never"),
    "historyServer.maxAge": ((7 * _DAY_S, 365 * _DAY_S), "nobody can look up what went wrong last week"),
    "historyServer.updateInterval": ((1, 60), "what has ended is not there for whoever looks"),
    "ingest.pollingSeconds": ((1, 300), "what has landed waits for nobody's reason"),
    "monitoring.monitors.interval": ((5, 60), "an alert looks at numbers of long ago"),
    "monitoring.rules.wait": ((60, 900), "an alert comes for a moment's trouble, or when users have called"),
    "worker.autoscaling.cooldownSeconds": ((60, _HOUR_S), "workers go between two applications, or cost for hours"),
    "worker.autoscaling.pollingSeconds": ((1, 30), "the first application waits for a worker"),
    "worker.terminationGracePeriodSeconds": ((60, 600), "a worker that has to go is killed with its tasks"),
}
# What has to be just so, with what is wrong with anything else.
_JUST: Mapping[str, tuple[Any, str]] = {
    "airflow.startsPods": (False, "who writes a DAG may start any pod"),
    "commonLabels": ({}, "no platform has asked for it"),
    "connect.podDisruptionBudget.enabled": (True, "a drain ends the sessions of all users"),
    "connect.timeZone": ("UTC", "a time in a query is another one elsewhere, and one hour of the year is there twice"),
    "eventLog.compress": (True, "event logs take ten times their room"),
    "eventLog.rolling": (True, "the log of a driver that is killed is whole nowhere"),
    "image.digest": ("", "each version of Spark would run one version's image"),
    "image.pullPolicy": ("IfNotPresent", "a pod waits for the registry, or never has an image"),
    "image.tag": ("", "the images would not be those that are made for the version"),
    "jupyter.persistence.enabled": (True, "notebooks go with their pod"),
    "master.persistence.enabled": (True, "a master that comes back knows no application"),
    "networkPolicy.apiServer.ports": ([443, 6443], "drivers may call at any address what listens at another port"),
    "networkPolicy.dnsCidrs": ([], "all programs may call who is no name server"),
    "networkPolicy.dnsNamespace": ("kube-system", "all programs may call who is no name server"),
    "networkPolicy.dnsPorts": ([53], "all programs may call more of that namespace than its name server"),
    "networkPolicy.egress": ([], "users' programs may send data to where nobody said"),
    "networkPolicy.prometheus": ([], "others than a Prometheus may read metrics, and end work on the same port"),
    "networkPolicy.users": ([], "strangers may call what users call"),
    "sparkConf": ({}, "each setting that is there has a value of its own"),
}
_OF_PODS = ("extraEnv", "podAnnotations", "podLabels", "nodeSelector", "tolerations")


@promise("a platform whose values say nothing is closed, kept and watched")
def _defaults(view: View) -> Iterator[str]:
    values = view.case.chart.values
    for key, (wanted, why) in _JUST.items():
        if has_key(values, key.split(".")) and (found := _at(values, key)) != wanted:
            yield f"{key} is {found!r} where nobody says otherwise, so {why}; expected {wanted!r}"
    for key, ((least, most), why) in _BETWEEN.items():
        if has_key(values, key.split(".")) and not least <= seconds(found := _at(values, key)) <= most:
            yield f"{key} is {found} where nobody says otherwise, so {why}; expected {least:g} to {most:g}"
    for component, own in values.items():
        for key in _OF_PODS if isinstance(own, Mapping) and component != "gpu" else ():
            if own.get(key):
                yield f"{component}.{key} is {own[key]!r} where nobody says otherwise, and no platform has asked for it"


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
