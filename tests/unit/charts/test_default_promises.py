"""Values that nobody sets: each that is not safe any more is found, with what goes wrong then."""

from typing import Any

import pytest

from sparkproof.charts import promises
from sparkproof.charts.promises import View
from sparkproof.charts.promises.defaults import seconds
from sparkproof.charts.renderings import Case, Chart, merged, nested
from tests.support.rendering import ALL, CHARTS

SAFE = promises.named("a platform whose values say nothing is closed, kept and watched")
READ = promises.named("a Prometheus reads often enough for what alerts count over minutes")
ANYBODY: list[Any] = [{"namespaceSelector": {}}]


def with_default(path: str, value: Any, chart: str = "spark-4.1") -> View:
    """A look at a chart that has this value where nobody says otherwise; it renders nothing."""
    found = Chart(CHARTS / chart)
    found.__dict__["values"] = merged(found.values, nested(path.split("."), value))
    return View(Case(found), [], {})


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)
def test_the_values_of_each_chart_are_safe(chart: Chart) -> None:
    assert list(SAFE.breaches(View(Case(chart), [], {}))) == []


@pytest.mark.parametrize(
    ("path", "value", "cause"),
    [
        ("networkPolicy.users", ANYBODY, "so strangers may call what users call"),
        ("networkPolicy.prometheus", ANYBODY, "others than a Prometheus may read metrics"),
        ("networkPolicy.egress", [{"to": ANYBODY}], "users' programs may send data to where nobody said"),
        ("networkPolicy.dnsPorts", [53, 443], "all programs may call more of that namespace than its name server"),
        ("networkPolicy.apiServer.ports", [443, 5432], "drivers may call at any address what listens at another port"),
        ("connect.timeZone", "Europe/Berlin", "one hour of the year is there twice; expected 'UTC'"),
        ("connect.podDisruptionBudget.enabled", False, "a drain ends the sessions of all users"),
        ("eventLog.rolling", False, "the log of a driver that is killed is whole nowhere"),
        ("image.tag", "latest", "the images would not be those that are made for the version"),
        ("jupyter.persistence.enabled", False, "notebooks go with their pod"),
        ("airflow.startsPods", True, "who writes a DAG may start any pod"),
        ("backup.keep", 1, "backup.keep is 1 where nobody says otherwise, so what is noticed late is in no backup"),
        ("backup.maxAgeHours", 240, "more than a day of work may be without a backup"),
        ("dynamicAllocation.maxExecutors", 4000, "one query takes all that a namespace has"),
        ("dynamicAllocation.shuffleTimeout", "1s", "an executor goes with files that others read"),
        ("historyServer.maxAge", "30min", "nobody can look up what went wrong last week"),
        ("ingest.pollingSeconds", 3600, "what has landed waits"),
        ("monitoring.rules.wait", "5h", "an alert comes for a moment's trouble, or when users have called"),
        (
            "dynamicAllocation.enabled",
            False,
            "dynamicAllocation.enabled is False where nobody says otherwise, so that ",
        ),
        ("monitoring.rules.enabled", False, "so that something is missing"),
        ("submit.enabled", True, "so that there is more than a platform needs"),
        ("connect.senderMaxStreamDuration", "10h", "the work of a client that is gone goes on"),
        ("postgres.maxConnections", 5, "a catalog has no connection"),
        ("gpu.concurrentTasks", 64, "tasks share a GPU's memory until none has enough"),
        ("airflow.users", [{"name": "guest", "role": "admin"}], "somebody may start runs whom nobody has named"),
        ("airflow.parallelism", 400, "more tasks run at once than their pod has room for"),
        ("image.registry", "registry.example", "images that somebody else has made may run"),
        ("ingest.kedaNamespace", "default", "so that an upgrade looks elsewhere for what is there; expected 'keda'"),
        ("bucket.name", "lake", "so that an upgrade looks elsewhere for what is there; expected 'lakehouse'"),
        ("jupyter.authentication.existingSecret", "any", "and each platform has its own"),
        (
            "connect.memory",
            "1400m",
            "connect has heaps of 1400m in 1536Mi where nobody says otherwise",
        ),
        ("historyServer.memory", "1000m", "historyServer has heaps of 1000m in 1Gi"),
        ("restCatalog.memory", "480m", "restCatalog has heaps of 480m in 512Mi"),
        ("jupyter.resources.limits.memory", "256Mi", "expected 1Gi to 2Gi"),
        ("airflow.scheduler.resources.limits.memory", "512Mi", "expected 1Gi to 2Gi"),
        ("objectStore.persistence.size", "1Gi", "expected 10Gi to 50Gi"),
        ("client.resources.limits.memory", "512Gi", "which is no size of a small platform; expected 64Mi to 1536Mi"),
        ("connect.resources.requests.cpu", "4", "which is no size of a small platform; expected 5m to 500m"),
        ("eventLog.maxFileSize", "10g", "which is no size of a small platform; expected 1Mi to 128Mi"),
        ("executor.memory", "64g", "which is no size of a small platform; expected 256Mi to 2Gi"),
        ("backup.persistence.size", "20Mi", "which is no size of a small platform; expected 1Gi to 50Gi"),
        ("executor.instances", 100, "one query takes all that a namespace has"),
        ("backup.schedule", "0 3 * * 0", "a backup is older than its alert says"),
        ("connect.nobodyKnows", "1", "and nobody has judged that: give it a line in promises/defaults.py"),
        ("client.extraEnv", [{"name": "A", "value": "b"}], "client.extraEnv is [{'name': 'A', 'value': 'b'}] where"),
        ("sparkConf", {"spark.ui.killEnabled": "true"}, "sparkConf is {'spark.ui.killEnabled': 'true'} where"),
    ],
)
def test_a_value_that_is_not_safe_is_found(path: str, value: Any, cause: str) -> None:
    (breach,) = SAFE.breaches(with_default(path, value))
    assert cause in breach


@pytest.mark.parametrize(
    ("path", "value", "cause"),
    [
        ("worker.autoscaling.enabled", True, "so that there is more than a platform needs"),
        ("worker.autoscaling.targetCPUUtilizationPercentage", 5, "before they are needed"),
        ("worker.terminationGracePeriodSeconds", 1, "a worker that has to go is killed with its tasks"),
        ("worker.autoscaling.cooldownSeconds", 1, "workers go between two applications"),
        ("master.persistence.enabled", False, "a master that comes back knows no application"),
    ],
)
def test_a_value_of_a_standalone_cluster_that_is_not_safe_is_found(path: str, value: Any, cause: str) -> None:
    (breach,) = SAFE.breaches(with_default(path, value, "spark-standalone"))
    assert cause in breach


def test_an_older_spark_where_nobody_says_which_is_found() -> None:
    chart = Chart(CHARTS / "spark-3.5")
    chart.__dict__["about"] = {**chart.about, "appVersion": "3.5.7"}
    (breach,) = SAFE.breaches(View(Case(chart), [], {}))
    assert breach == "Spark 3.5.7 is installed where nobody says which, so that users lack what 3.5.8 has mended"


def rule(window: str) -> dict[str, Any]:
    counted = {"alert": "SparkStagesFail", "expr": f"increase(failed[{window}]) > 0"}
    return {"kind": "PrometheusRule", "spec": {"groups": [{"rules": [{"alert": "Down", "expr": "up"}, counted]}]}}


def test_an_alert_whose_numbers_are_read_too_seldom_is_found() -> None:
    seldom = Case(Chart(CHARTS / "spark-4.1"), values=nested(("monitoring", "monitors", "interval"), "10m"))
    (breach,) = READ.breaches(View(seldom, [rule("10m")], {}))
    assert breach == (
        "SparkStagesFail counts over 600 s what is read every 600 s, so that it may never fire; expected 4 readings at "
        "least"
    )
    (short,) = READ.breaches(View(Case(Chart(CHARTS / "spark-4.1")), [rule("1m")], {}))
    assert "counts over 60 s what is read every 30 s" in short
    assert list(READ.breaches(View(Case(Chart(CHARTS / "spark-4.1")), [rule("10m")], {}))) == []


def test_durations_of_spark_and_of_prometheus_are_read() -> None:
    assert [seconds(each) for each in ("500ms", "30s", "5m", "5min", "2h", "30d", 28)] == [
        0.5, 30, 300, 300, 7200, 2592000, 28,
    ]  # fmt: skip
