"""Promises of metrics: told by every program, under names that stay, and looked for where they are."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import COMPONENT, View, component_of, differences

_SERVLET = "spark.metrics.conf.*.sink.prometheusServlet"
# The kind of monitor of each component, its port and its paths; a submitted driver's port has Spark's own name.
_MONITORS = {
    "connect": ("ServiceMonitor", "ui", ["/metrics/prometheus/", "/metrics/executors/prometheus"]),
    "driver": ("PodMonitor", "spark-ui", ["/metrics/prometheus/", "/metrics/executors/prometheus"]),
    "master": ("ServiceMonitor", "ui", ["/metrics/master/prometheus/", "/metrics/applications/prometheus/"]),
    "worker": ("PodMonitor", "ui", ["/metrics/prometheus/"]),
}


@promise("every program of Spark tells its metrics where monitoring is on, and nowhere else")
def _told(view: View) -> Iterator[str]:
    told = {
        f"{_SERVLET}.class": "org.apache.spark.metrics.sink.PrometheusServlet",
        f"{_SERVLET}.path": "/metrics/prometheus",
        "spark.ui.prometheus.enabled": "true",
    }
    for component, settings in view.settings.items():
        if component == "history-server":
            continue
        wanted = dict(told)
        if component == "master":
            for whose in ("master", "applications"):
                wanted[f"spark.metrics.conf.{whose}.sink.prometheusServlet.path"] = f"/metrics/{whose}/prometheus"
        if view.values["monitoring"]["enabled"]:
            yield from differences(component, settings, wanted)
        elif left := sorted(set(wanted) & set(settings)):
            yield f"{component} tells its metrics though monitoring is off: {', '.join(left)}"


@promise("the name of a metric is the same after each start and in each release")
def _names(view: View) -> Iterator[str]:
    for component, settings in view.settings.items():
        if view.values["monitoring"]["enabled"] and component != "history-server":
            name = settings.get("spark.metrics.namespace")
            if name != "spark":
                told = name or "missing, so that a metric is named after the application's id"
                yield f"{component}: spark.metrics.namespace is {told}; expected spark, in each release"


@promise("a Prometheus looks for each program's metrics where they are, and once")
def _monitors(view: View) -> Iterator[str]:
    monitoring = view.values["monitoring"]
    on = monitoring["enabled"] and monitoring["monitors"]["enabled"]
    found = {component_of(each): each for each in view.kind("ServiceMonitor", "PodMonitor")}
    wanted = {component for component in _MONITORS if on and view.enabled(component)}
    if set(found) != wanted:
        yield f"there are monitors of {sorted(found)}; expected {sorted(wanted)}"
    for component in wanted & set(found):
        kind, port, paths = _MONITORS[component]
        each, spec = found[component], found[component].get("spec", {})
        where = f"{each.get('kind')} of {component}"
        interval = monitoring["monitors"]["interval"]
        endpoints = [{"interval": interval, "path": path, "port": port} for path in paths]
        field = "endpoints" if kind == "ServiceMonitor" else "podMetricsEndpoints"
        yield from differences(where, {**spec, "kind": each.get("kind")}, {"kind": kind, field: endpoints})
        yield from differences(where, spec, {"jobLabel": COMPONENT, "podTargetLabels": ["app.kubernetes.io/instance"]})
        yield from differences(where, each["metadata"].get("labels", {}), monitoring["monitors"]["labels"])
        yield from _targets(view, component, spec.get("selector", {}).get("matchLabels", {}), kind)
        if beside := set(spec) - {field, "jobLabel", "podTargetLabels", "selector"}:
            yield f"{where} has {sorted(beside)}, so that it may look elsewhere"


def _targets(view: View, component: str, selector: Any, kind: str) -> Iterator[str]:
    """Yield what is wrong with who a monitor selects: exactly one Service with the port, or the component's pods."""
    port = _MONITORS[component][1]
    wanted = {f"app.kubernetes.io/{label}" for label in ("name", "instance", "component")}
    if set(selector) != wanted:
        yield f"the {kind} of {component} selects by {sorted(selector)}; expected {sorted(wanted)}"
    if kind == "ServiceMonitor":
        services = [
            each for each in view.kind("Service") if selector.items() <= each["metadata"].get("labels", {}).items()
        ]
        offered = [
            each["metadata"].get("name")
            for each in services
            for given in each.get("spec", {}).get("ports", ())
            if given.get("name") == port
        ]
        found = offered or "no Service"
        if len(offered) != 1 or {component_of(each) for each in services} != {component}:
            yield f"the ServiceMonitor of {component} finds {port} at {found}; expected one of {component}"
    else:
        chosen = {pod.component for pod in view.pods if selector.items() <= pod.metadata.get("labels", {}).items()}
        if chosen != {component}:
            yield f"the PodMonitor of {component} selects {sorted(chosen) or 'nobody'}"
