"""A Prometheus that the Prometheus operator runs: what it reads, what its queries and its rules answer."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sparkproof.core.errors import SparkproofError
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import POD, PROMETHEUS, selector
from sparkproof.spark.workloads import Workloads

_PORT = 9090
# The window and the step of a query over time, in seconds: executors that have gone since count too.
WINDOW_S = 600
STEP_S = 5


@dataclass(frozen=True)
class Target:
    """A port and path of a pod that Prometheus reads; `fault` says why it could not, "" if it could."""

    pod: str
    port: int
    path: str
    fault: str = ""


@dataclass(frozen=True)
class Alert:
    """An alert that Prometheus holds: "pending" until it has lasted as long as its rule asks, then "firing"."""

    name: str
    state: str
    summary: str


@dataclass(frozen=True)
class Rule:
    """An alert's rule as Prometheus evaluates it; `fault` is why it cannot, "" if it can."""

    name: str
    expression: str
    fault: str


@dataclass(frozen=True)
class Series:
    """A series that a query gave: its labels, and its numbers by their times in seconds since 1970."""

    labels: Mapping[str, str]
    values: Mapping[float, float]


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus in a pod, asked through the API server."""

    kube: Kube
    namespace: str
    pod: str

    @classmethod
    def on(cls, kube: Kube) -> "Prometheus":
        """Return the cluster's Prometheus, the first by name; raises SparkproofError when none runs."""
        for found in kube.list(PROMETHEUS):
            metadata = found["metadata"]
            labels = selector({"operator.prometheus.io/name": metadata["name"]})
            for pod in kube.list(POD, metadata["namespace"], labels=labels):
                return cls(kube, metadata["namespace"], pod["metadata"]["name"])
        raise SparkproofError("The cluster has no Prometheus that the Prometheus operator runs: create one.")

    def targets(self, namespace: str) -> list[Target]:
        """Return what Prometheus reads in a namespace."""
        found = self._ask("targets", state="active")["activeTargets"]
        return [_target(each) for each in found if each["labels"].get("namespace") == namespace]

    def rules(self, namespace: str) -> list[Rule]:
        """Return the rules of alerts about a namespace."""
        groups = self._ask("rules", type="alert")["groups"]
        return [
            Rule(each["name"], each["query"], _fault(each))
            for group in groups
            for each in group["rules"]
            if each["labels"].get("namespace") == namespace
        ]

    def alerts(self, namespace: str) -> list[Alert]:
        """Return the alerts about a namespace that are pending or firing."""
        return [
            Alert(each["labels"]["alertname"], each["state"], each["annotations"].get("summary", ""))
            for each in self._ask("alerts")["alerts"]
            if each["labels"].get("namespace") == namespace
        ]

    def has_data(self, expression: str) -> bool:
        """True if a query gave numbers at any time of the last ten minutes; raises Refused for one that is wrong."""
        return any(not math.isnan(value) for value in self._values(expression))

    def over_time(self, expression: str, start: float, until: float) -> list[Series]:
        """Return the series with numbers that a query gave from `start` to `until`, in seconds since 1970.

        Steps end at `until`, so that the newest number is among them, and begin a part of a step before `start`.
        """
        first = until - math.ceil((until - start) / STEP_S) * STEP_S
        given = (
            (each["metric"], {at: float(value) for at, value in each["values"]})
            for each in self._range(expression, first, until)
        )
        found = [Series(labels, {at: each for at, each in of.items() if math.isfinite(each)}) for labels, of in given]
        return [each for each in found if each.values]

    def labels_of(self, expression: str) -> list[Mapping[str, str]]:
        """Return the labels of each series that a query gives now, its name as `__name__` among them."""
        return [each["metric"] for each in self._ask("query", query=expression)["result"]]

    def series_of(self, expression: str) -> list[str]:
        """Return the selectors of series in a query, as Prometheus itself parses it; raises Refused for a wrong one."""
        return sorted(set(_selectors(self._ask("parse_query", query=expression))))

    def are_equal(self, expression: str, other: str) -> bool:
        """True if two queries ask for the same, however they are written; raises Refused for a wrong one."""
        first, second = (self._ask("parse_query", query=each) for each in (expression, other))
        return bool(_in_order(first) == _in_order(second))

    def empty_in(self, expression: str, since: float) -> list[str]:
        """Return the selectors of series in a query for which nobody served a number after `since`, or for ten minutes.

        `since` is in seconds since 1970. What was served before can be an earlier platform's of the same name.
        """
        return [each for each in self.series_of(expression) if not (self.has_data(each) and self._newest(each) > since)]

    def _newest(self, series: str) -> float:
        """Return when the newest number of these series was read, in seconds since 1970; 0 if there is none."""
        return max(self._values(f"timestamp({series})"), default=0)

    def _values(self, expression: str) -> list[float]:
        """Return what a query gave in the last ten minutes."""
        now = time.time()
        given = self._range(expression, now - WINDOW_S, now)
        return [float(value) for series in given for _, value in series["values"]]

    def _range(self, expression: str, start: float, until: float) -> Any:
        """Return the series of a query from `start` to `until` as Prometheus answers, a number for each step."""
        return self._ask("query_range", query=expression, start=start, end=until, step=STEP_S)["result"]

    def _ask(self, what: str, **query: Any) -> Any:
        return self.kube.proxy(self.pod, _PORT, f"/api/v1/{what}", self.namespace, list(query.items()))["data"]


def start_of(workloads: Workloads) -> float:
    """Return when a platform's driver was asked for, in seconds since 1970; raises GaveUp if there is none."""
    return datetime.fromisoformat(workloads.pod("connect")["metadata"]["creationTimestamp"]).timestamp()


def _target(found: Mapping[str, Any]) -> Target:
    url = urlsplit(found["scrapeUrl"])
    fault = "" if found["health"] == "up" else found["lastError"] or "not read yet"
    return Target(found["labels"].get("pod", ""), url.port or _PORT, url.path, fault)


def _fault(rule: Mapping[str, Any]) -> str:
    """Return why a rule is not evaluated, "" if it is; one that was not evaluated yet has no error either."""
    return "" if rule["health"] == "ok" else str(rule.get("lastError") or "it was not evaluated yet")


def _in_order(node: Any) -> Any:
    """Return a query that was parsed with the matchers of each selector in order, as Prometheus shows its rules."""
    if isinstance(node, Mapping):
        found = {key: _in_order(inner) for key, inner in node.items()}
        return {**found, "matchers": sorted(found["matchers"], key=str)} if found.get("matchers") else found
    return [_in_order(inner) for inner in node] if isinstance(node, list) else node


def _selectors(node: Any) -> Iterator[str]:
    """Yield each selector of series in a query that was parsed, in Prometheus' own form."""
    if isinstance(node, Mapping):
        if node.get("type") == "vectorSelector":
            matchers = (f'{each["name"]}{each["type"]}"{each["value"]}"' for each in node["matchers"])
            yield f"{{{', '.join(matchers)}}}"
        for inner in node.values():
            yield from _selectors(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _selectors(inner)
