"""Promises of metrics: told by every program, under names that stay, looked for where they are, watched and shown."""

import json
import re
from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.panels import shown_otherwise
from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import COMPONENT, View, component_of, differences

_SERVLET = "spark.metrics.conf.*.sink.prometheusServlet"
# The kind of monitor of each component, its port and its paths; a submitted driver's port has Spark's own name.
_MONITORS = {
    "connect": ("ServiceMonitor", "ui", ["/metrics/prometheus/", "/metrics/executors/prometheus"]),
    "driver": ("PodMonitor", "spark-ui", ["/metrics/prometheus/", "/metrics/executors/prometheus"]),
    "master": ("ServiceMonitor", "ui", ["/metrics/master/prometheus/", "/metrics/applications/prometheus/"]),
    "worker": ("PodMonitor", "ui", ["/metrics/prometheus/"]),
    "airflow": ("PodMonitor", "metrics", ["/metrics/"]),
}
# The alerts, with the component that each is about; "" for any driver.
_ALERTS = {
    "SparkDriverDown": "connect",
    "SparkMasterDown": "master",
    "SparkWorkersLost": "master",
    "SparkApplicationsWaiting": "master",
    "SparkExecutorsPending": "",
    "SparkStagesFail": "",
    "SparkTasksFail": "",
    "SparkGarbageCollection": "",
    "SparkEventsLost": "",
    "AirflowTasksFail": "airflow",
    "SparkBackupOverdue": "backup",
}
# The alerts for which somebody is woken: nobody can work, or what is lost now is lost for good.
_CRITICAL = {"SparkDriverDown", "SparkMasterDown", "SparkBackupOverdue"}
# Hours that a backup may be late before its alert fires.
_LATE_H = 2


@promise("every program of Spark tells its metrics where monitoring is on, and nowhere else")
def _told(view: View) -> Iterator[str]:
    told = {
        f"{_SERVLET}.class": "org.apache.spark.metrics.sink.PrometheusServlet",
        f"{_SERVLET}.path": "/metrics/prometheus",
        "spark.ui.prometheus.enabled": "true",
        "spark.metrics.appStatusSource.enabled": "true",
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
        if narrower := sorted(set(spec.get("selector", {})) - {"matchLabels"}):
            yield f"{where} selects by {narrower} too, so that it may find nobody"
        yield from _targets(view, component, spec.get("selector", {}).get("matchLabels", {}), kind)
        if beside := set(spec) - {field, "jobLabel", "podTargetLabels", "selector"}:
            yield f"{where} has {sorted(beside)}, so that it may look elsewhere"


@promise("alerts watch each program that is there, where monitors are, and no other release")
def _alerts(view: View) -> Iterator[str]:
    monitoring = view.values["monitoring"]
    on = monitoring["enabled"] and monitoring["monitors"]["enabled"] and monitoring["rules"]["enabled"]
    rules = view.kind("PrometheusRule")
    if len(rules) != on:
        yield f"there are {len(rules)} objects of rules; expected {int(on)}"
    for each in rules:
        groups = each.get("spec", {}).get("groups", [])
        found = {rule.get("alert", ""): rule for group in groups for rule in group.get("rules", [])}
        wanted = {name for name, needs in _ALERTS.items() if not needs or view.enabled(needs)}
        wanted -= set() if view.values["eventLog"]["enabled"] else {"SparkEventsLost"}
        wanted |= {"SparkSecretOld"} if monitoring["rules"]["secretMaxAge"] and _secrets(view) else set()
        if set(found) != wanted:
            yield f"there are the alerts {sorted(found)}; expected {sorted(wanted)}"
        yield from differences("the rules", each["metadata"].get("labels", {}), monitoring["rules"]["labels"])
        release = each["metadata"].get("labels", {}).get("app.kubernetes.io/instance")
        own = {"namespace": each["metadata"].get("namespace"), "app_kubernetes_io_instance": release}
        for name, rule in found.items():
            asked = rule.get("expr", "")
            selected = asked.count("{")
            if not selected:
                yield f"{name} asks for no metric"
            yield from differences(name, rule, {"for": monitoring["rules"]["wait"]})
            if over := set(re.findall(r"(?:(?<=\[)|offset )(\d+[a-z]+)", asked)) - {monitoring["rules"]["window"]}:
                yield f"{name} counts over {sorted(over)}; expected {monitoring['rules']['window']}"
            yield from differences(name, rule.get("labels", {}), own)
            severity = "critical" if name in _CRITICAL else "warning"
            yield from differences(name, rule.get("labels", {}), {"severity": severity})
            if not rule.get("annotations", {}).get("summary"):
                yield f"{name} has no summary"
            if name == "SparkBackupOverdue":
                yield from _overdue(view, asked, own["namespace"])
                continue
            if name == "SparkSecretOld":
                yield from _old(view, asked, own["namespace"])
                continue
            if "=~" in asked or "__name__" in asked:
                yield f"{name} watches what only ends or begins like its own: {asked}"
            if name == "SparkWorkersLost":
                yield from _too_few(view, asked)
            for label, value in own.items():
                if asked.count(f'{label}="{value}"') != selected:
                    yield f"{name} watches more than what has {label} {value}"


def _too_few(view: View, asked: str) -> Iterator[str]:
    """Yield what is wrong with the alert of workers: those at work are fewer than there are at least."""
    worker = view.values["worker"]
    scaled = worker["autoscaling"]
    least = scaled["minReplicas"] if scaled["enabled"] else worker["replicas"]
    alone = scaled["enabled"] and scaled["follows"] == "applications"
    compared, _, condition = asked.partition(" and ")
    if not (compared.startswith("metrics_master_aliveWorkers_Value{") and compared.endswith(f"}} < {least}")):
        yield f"SparkWorkersLost does not fire when fewer than {least} workers are at work"
    if condition.partition("{")[0] != ("metrics_master_apps_Value" if alone else ""):
        yield "SparkWorkersLost " + ("fires where no application needs a worker" if alone else "asks for applications")


def _overdue(view: View, asked: str, namespace: Any) -> Iterator[str]:
    """Yield what is wrong with the alert of backups: kube-state-metrics says what its CronJob did, and no release."""
    names = [each["metadata"].get("name") for each in view.kind("CronJob") if component_of(each) == "backup"]
    selected, own = asked.count("{"), [text for name in names for text in (f'cronjob="{name}"', f'job_name=~"{name}-')]
    if asked.count(f'namespace="{namespace}"') != selected or sum(map(asked.count, own)) != selected:
        yield "SparkBackupOverdue watches more than the backups of the release"
    if f"> {(view.values['backup']['maxAgeHours'] + _LATE_H) * 3600} " not in asked:
        yield f"SparkBackupOverdue does not fire {_LATE_H} hours after backup.maxAgeHours"
    if " or absent(" not in asked:
        yield "SparkBackupOverdue is silent where nobody says what the backups did"


def _secrets(view: View) -> set[str]:
    """Return the names of the Secrets that pods of the release use."""
    return {name for pod in view.pods for name in pod.secrets if name}


def _old(view: View, asked: str, namespace: Any) -> Iterator[str]:
    """Yield what is wrong with the alert of Secrets: each one's age and absence, as kube-state-metrics tells them."""
    age = view.values["monitoring"]["rules"]["secretMaxAge"]
    seconds = int(age[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[age[-1]]
    for name in sorted(_secrets(view)):
        created = f'kube_secret_created{{namespace="{namespace}", secret="{name}"}}'
        if f"time() - {created} > {seconds}" not in asked:
            yield f"SparkSecretOld does not fire when the Secret {name} is {seconds} s old"
        if f"absent({created})" not in asked:
            yield f"SparkSecretOld is silent where nobody says how old the Secret {name} is"
    if asked.count("{") != 2 * len(_secrets(view)):
        yield "SparkSecretOld watches more than the Secrets of the release"


@promise("dashboards show what programs tell, where Grafana finds them")
def _dashboards(view: View) -> Iterator[str]:
    monitoring = view.values["monitoring"]
    on = monitoring["enabled"] and monitoring["dashboards"]["enabled"]
    boards = [each for each in view.kind("ConfigMap") if component_of(each) == "monitoring"]
    if len(boards) != on:
        yield f"there are {len(boards)} objects of dashboards; expected {int(on)}"
    for each in boards:
        labels = {"grafana_dashboard": "1", **monitoring["dashboards"]["labels"]}
        yield from differences("the dashboards", each["metadata"].get("labels", {}), labels)
        wanted = {f"{component}.json" for component in ("connect", "master") if component in view.values}
        held = each.get("data", {})
        if set(held) != wanted:
            yield f"there are the dashboards {sorted(held)}; expected {sorted(wanted)}"
        for name, text in held.items():
            yield from _panels(name, text)


def _panels(name: str, text: str) -> Iterator[str]:
    """Yield what is wrong with a dashboard's panels: each query is about the namespace and the release chosen."""
    try:
        board = json.loads(text)
    except ValueError as wrong:
        yield f"{name} is no dashboard: {wrong}"
        return
    panels = board["panels"]
    for panel in panels:
        for target in panel["targets"] or [{"expr": ""}]:
            selected = target["expr"].count("{")
            if not selected or target["expr"].count('namespace="$namespace"') != selected:
                yield f"the panel {panel['title']!r} of {name} shows more than what has the namespace chosen"
            elif target["expr"].count('app_kubernetes_io_instance="$release"') != selected:
                yield f"the panel {panel['title']!r} of {name} shows more than the release chosen"
    yield from shown_otherwise(name, panels)
    yield from _chosen_otherwise(name, board)


def _chosen_otherwise(name: str, board: Any) -> Iterator[str]:
    """Yield what is wrong with what a reader of a dashboard chooses: a namespace, and a release in it."""
    job = name.removesuffix(".json")
    chosen = {each["name"]: each["query"] for each in board.get("templating", {}).get("list", ())}
    wanted = {
        "datasource": "prometheus",
        "namespace": {"query": f'label_values(up{{job="{job}"}}, namespace)', "refId": "namespace"},
        "release": {
            "query": f'label_values(up{{job="{job}", namespace="$namespace"}}, app_kubernetes_io_instance)',
            "refId": "release",
        },
    }
    if list(chosen.items()) != list(wanted.items()):
        yield f"{name} lets its reader choose {chosen}; expected {wanted}"


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
