"""What a Prometheus answers, and what is made of it: targets, rules, alerts and the data of panels."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import CONFIG_MAP, PROMETHEUS, PROMETHEUS_RULE, SERVICE, SERVICE_MONITOR
from sparkproof.observability.alerts import Alerts
from sparkproof.observability.dashboards import Dashboards
from sparkproof.observability.metrics import Endpoint, Metrics
from sparkproof.observability.panels import Panel, Place
from sparkproof.observability.prometheus import Alert, Prometheus, Target
from sparkproof.observability.targets import Targets
from sparkproof.spark.workloads import Workloads
from tests.support.prometheus import SELECTOR, Cluster, alert, rule, target


def prometheus(cluster: Any) -> Prometheus:
    return Prometheus.on(cluster)


def targets(cluster: Any, *wanted: Endpoint) -> Targets:
    monitor = {
        "kind": "ServiceMonitor",
        "metadata": {"name": "spark-connect", "labels": {"app.kubernetes.io/component": "connect"}},
        "spec": {"selector": {"matchLabels": {}}, "endpoints": [{"port": "ui", "path": "/metrics/"}]},
    }

    class Wanted(Metrics):
        @property
        def endpoints(self) -> list[Endpoint]:
            return list(wanted)

    return Targets(prometheus(cluster), Wanted(cluster, "data", [monitor]))


def one_after_another(looks: Sequence[Sequence[Alert]]) -> property:
    """The alerts that are held, at each look."""
    left = iter(looks)
    return property(lambda _: next(left))


def alerts(cluster: Any) -> Alerts:
    return Alerts(prometheus(cluster), Workloads(cluster, "data", "spark"))


def test_a_cluster_without_a_prometheus_is_told() -> None:
    with pytest.raises(SparkproofError, match="has no Prometheus that the Prometheus operator runs"):
        Prometheus.on(Cluster(objects={PROMETHEUS: []}))  # type: ignore[arg-type]


def test_queries_are_equal_whatever_the_order_of_their_matchers() -> None:
    def parsed(*labels: str) -> Any:
        return {"args": [{**SELECTOR, "matchers": [{"name": label, "type": "=", "value": ""} for label in labels]}]}

    cluster = Cluster()
    cluster.proxy = lambda *asked: {"data": parsed(*dict(asked[-1])["query"].split())}  # type: ignore[method-assign]
    own = prometheus(cluster)
    assert own.are_equal("job namespace", "namespace job")
    assert not own.are_equal("job namespace", "job")
    assert not own.are_equal("job namespace", "job pod")


def test_the_targets_of_other_namespaces_are_not_the_platforms() -> None:
    active = [target("a", "/metrics/"), target("b", "/x", "down", "404"), target("c", "/metrics/", namespace="data-2")]
    found = prometheus(Cluster({"targets": {"activeTargets": active}})).targets("data")
    assert found == [Target("a", 4040, "/metrics/"), Target("b", 4040, "/x", "404")]


def test_all_that_is_wrong_with_targets_is_named() -> None:
    active = [target("a", "/metrics/"), target("a", "/x", "down", "404"), target("a", "/y", "unknown")]
    wanted = [Endpoint("connect", "a", 4040, path) for path in ("/metrics/", "/y", "/z")]
    own = targets(Cluster({"targets": {"activeTargets": active}}), *wanted)
    assert own.faults == [
        "a cannot be read at /x: 404",
        "a cannot be read at /y: not read yet",
        "a is read at /x, which no monitor of the platform asks for",
        "connect is not read at /z",
    ]


@pytest.mark.usefixtures("one_look")
def test_targets_are_read_only_if_nothing_is_wrong(record: evidence.Record) -> None:
    cluster = Cluster({"targets": {"activeTargets": [target("a", "/metrics/")]}})
    with pytest.raises(GaveUp, match="connect is not read at /z"):
        targets(cluster, Endpoint("connect", "a", 4040, "/z")).must_be_read()
    with pytest.raises(GaveUp, match="that it is down"):
        targets(cluster, Endpoint("connect", "a", 4040, "/z")).must_be_named("is down")
    assert not record.proofs
    targets(cluster, Endpoint("connect", "a", 4040, "/metrics/")).must_be_read()
    targets(cluster, Endpoint("connect", "a", 4040, "/z")).must_be_named("is not read at /z")
    assert len(record.proofs) == 2
    assert record.proofs[0].seen == "Prometheus reads 1 targets of the platform"
    assert b"/metrics/" in record.items[0].content


def test_a_monitor_that_chooses_nobody_is_named() -> None:
    none = Cluster({"targets": {"activeTargets": []}}, objects={SERVICE: []})
    port = "connect has a monitor of the port ui, which no Service has"
    assert targets(none).faults == [port, "connect has a monitor that chooses nobody"]


def test_a_monitor_is_taken_away_and_one_that_is_added_goes_again() -> None:
    cluster = Cluster({"targets": {"activeTargets": [target("a", "/metrics/")]}})
    own = targets(cluster, Endpoint("connect", "a", 4040, "/metrics/"))
    own.lose_monitor("connect")
    own.ask_elsewhere("connect", "/nowhere")()
    monitor = SERVICE_MONITOR.name
    assert cluster.done == [
        f"delete {monitor} spark-connect",
        "apply spark-connect-elsewhere",
        f"delete {monitor} spark-connect-elsewhere",
    ]


@pytest.mark.usefixtures("one_look")
def test_a_monitor_of_what_was_never_read_is_not_taken_away() -> None:
    cluster = Cluster({"targets": {"activeTargets": []}})
    with pytest.raises(GaveUp, match="connect is not read"):
        targets(cluster, Endpoint("connect", "a", 4040, "/metrics/")).lose_monitor("connect")
    assert not cluster.done


def with_rules(*names: str, evaluated: Sequence[Any] = (), held: Sequence[Any] = (), empty: Sequence[str] = ()) -> Any:
    given = [{"alert": name, "expr": f"up_{name}"} for name in names]
    rules = [{"spec": {"groups": [{"rules": given}]}}] if names else []
    answers = {"rules": {"groups": [{"rules": list(evaluated)}]}, "alerts": {"alerts": list(held)}}
    return Cluster(answers, empty, {PROMETHEUS_RULE: rules})


@pytest.mark.parametrize(
    ("names", "evaluated", "faults"),
    [
        ((), (), ["the platform has no rules of alerts"]),
        (("A",), (), ["A is not known to Prometheus as it is"]),
        (("A",), (rule("A", namespace="other"),), ["A is not known to Prometheus as it is"]),
        (("A",), ({**rule("A"), "query": "up_before"},), ["A is not known to Prometheus as it is"]),
        (("A",), (rule("A", "err"),), ["A cannot be evaluated: many-to-many matching"]),
        (("A",), ({**rule("A"), "health": "unknown"},), ["A cannot be evaluated: it was not evaluated yet"]),
        (("A",), (rule("A"),), []),
    ],
)
def test_rules_that_prometheus_does_not_evaluate_are_named(
    names: Sequence[str], evaluated: Sequence[Any], faults: Sequence[str]
) -> None:
    assert alerts(with_rules(*names, evaluated=evaluated)).faults == faults


@pytest.mark.usefixtures("one_look")
def test_alerts_of_before_have_to_end_before_one_is_awaited() -> None:
    with pytest.raises(GaveUp, match=r"the end of alerts of before .*B is firing: It is down\."):
        alerts(with_rules("A", "B", held=[alert("A", "pending"), alert("B")])).await_silence()
    alerts(with_rules("A", held=[alert("A", "pending"), alert("B", namespace="other")])).await_silence()


@pytest.mark.usefixtures("one_look")
def test_an_alert_fires_when_it_is_no_longer_pending(monkeypatch: pytest.MonkeyPatch, record: evidence.Record) -> None:
    held = [alert("A", "pending"), alert("B"), alert("A", namespace="other")]
    own = alerts(with_rules("A", "B", held=held))
    with pytest.raises(GaveUp, match=r"the alert A .*'A': 'pending', 'B': 'firing'"):
        own.must_fire("A")
    with pytest.raises(GaveUp, match="the end of the alert A"):
        own.must_end("A")
    with pytest.raises(GaveUp, match=r"without alerts .*A is pending: It is down\.', 'B is firing: It is down\."):
        own.must_be_silent()
    with pytest.raises(GaveUp, match=r"what is about to raise the alert A .*'pending'"):
        own.must_not_fire("A")
    with pytest.raises(CheckFailed, match="The alert B is firing, though nothing of its kind is wrong"):
        own.must_not_fire("B")
    with pytest.raises(CheckFailed, match="has no alert C"):
        own.must_not_fire("C")
    assert not record.proofs
    for name, words in (("B", "It is up"), ("A", "It is down")):
        with pytest.raises(GaveUp, match=f"the alert {name} that says '{words}'"):
            own.must_fire(name, words)
    assert not record.proofs
    with pytest.raises(GaveUp, match="the alert A did not come"):
        alerts(with_rules("A", "AB", held=[alert("AB")])).must_fire("A")
    assert not record.proofs
    own.must_fire("B", "is down")
    assert b"It is down" in record.items[-1].content
    quiet = alerts(with_rules("A", held=[alert("A", namespace="other")]))
    quiet.must_end("A")
    quiet.must_be_silent()
    quiet.must_not_fire("A")
    assert len(record.proofs) == 4
    pending, firing = ([Alert("A", state, "It is down.")] for state in ("pending", "firing"))
    for looks, error in (
        ([[], firing], CheckFailed("On a healthy platform, A is firing: It is down.")),
        ([[], pending, firing], GaveUp("the end of what was about to fire on a healthy platform")),
        ([[], pending, pending], GaveUp("the end of what was about to fire on a healthy platform")),
        ([[], pending, []], None),
    ):
        monkeypatch.setattr(type(quiet), "held", one_after_another(looks))
        with pytest.raises(type(error), match=str(error)[:50]) if error else nullcontext():
            quiet.must_be_silent()
    assert len(record.proofs) == 5
    for looks, error in (
        ([[], firing], CheckFailed("The alert A is firing")),
        ([[], pending], CheckFailed("The alert A is pending")),
        ([firing, firing], CheckFailed("The alert A is firing")),
        ([[], list[Alert]()], None),
    ):
        monkeypatch.setattr(type(quiet), "held", one_after_another(looks))
        with pytest.raises(type(error), match=str(error)) if error else nullcontext():
            quiet.must_not_fire("A")
    assert len(record.proofs) == 6


@pytest.mark.usefixtures("one_look")
def test_a_series_without_a_number_is_named_with_the_rule_that_uses_it(record: evidence.Record) -> None:
    with pytest.raises(GaveUp, match=r"""a number of every series .*{'B': \['{__name__="up_B"}'\]}"""):
        alerts(with_rules("A", "B", evaluated=[rule("A"), rule("B")], empty=["up_B"])).must_have_data()
    assert not record.proofs
    alerts(with_rules("A", evaluated=[rule("A")])).must_have_data()
    assert record.proofs


def test_what_a_query_gave_over_time_ends_with_the_newest_number() -> None:
    asked: list[dict[str, Any]] = []

    class Told(Cluster):
        def proxy(self, *call: Any) -> Any:
            asked.append(dict(call[-1]))
            return super().proxy(*call)

    for start, first in ((906.5, 905.0), (905.0, 905.0)):
        prometheus(Told()).over_time("tasks", start, 1000.0)
        assert asked[-1] == {"query": "tasks", "start": first, "end": 1000.0, "step": 5}


def dashboards(cluster: Any, *queries: str) -> Dashboards:
    panels = [Panel("Spark", f"Panel {number}", {query: ""}) for number, query in enumerate(queries)]
    return Dashboards(prometheus(cluster), panels, 60)


@pytest.mark.usefixtures("one_look")
def test_a_panel_without_data_is_named_with_what_nobody_serves(record: evidence.Record) -> None:
    own = dashboards(Cluster(empty=["old_"]), "tasks", "bytes")
    own.must_show_data()
    own.renamed("tasks").must_be_empty_in("Panel 0", "old_tasks")
    assert len(record.proofs) == 2
    assert [each.name for each in record.items] == ["dashboard Spark", "panels", "dashboard Spark", "empty"]
    with pytest.raises(GaveUp, match=r"""data in every panel .*{'Spark / Panel 0': \['{__name__="old_tasks"}'\]}"""):
        own.renamed("tasks").must_show_data()
    for panel, metric, of in (("Panel 1", "old_tasks", "tasks"), ("Panel 0", "old_bytes", "tasks")):
        with pytest.raises(GaveUp, match="alone is empty"):
            own.renamed(of).must_be_empty_in(panel, metric)
    with pytest.raises(GaveUp, match="alone is empty"):
        own.must_be_empty_in("Panel 0", "tasks")
    with pytest.raises(GaveUp, match="alone is empty"):
        own.renamed("tasks").renamed("bytes").must_be_empty_in("Panel 0", "old_tasks")
    with pytest.raises(CheckFailed, match="No panel asks for rows"):
        own.renamed("rows")


@pytest.mark.usefixtures("one_look")
def test_what_an_earlier_platform_of_the_same_name_served_is_no_data() -> None:
    with pytest.raises(GaveUp, match=r"""data in every panel .*{'Spark / Panel 0': \['{__name__="tasks"}'\]}"""):
        dashboards(Cluster(newest=60), "tasks").must_show_data()
    with pytest.raises(GaveUp, match=r"""a number of every series .*{'A': \['{__name__="up_A"}'\]}"""):
        alerts(Cluster({"rules": {"groups": [{"rules": [rule("A")]}]}}, newest=60)).must_have_data()


def test_a_query_without_data_is_named_itself_where_its_series_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prometheus, "series_of", lambda _prometheus, _query: ["tasks"])
    assert dashboards(Cluster(empty=["rate("]), "rate(tasks[1m])").empty == {"Spark / Panel 0": ["rate(tasks[1m])"]}
    assert dashboards(Cluster(), "rate(tasks[1m])").empty == {}
    assert Dashboards(prometheus(Cluster()), [Panel("Spark", "Nothing", {})], 60).empty == {"Spark / Nothing": []}


class Installed:
    """A platform whose ConfigMaps hold these texts."""

    def __init__(self, **texts: str) -> None:
        self.workloads = Workloads(Cluster(objects={CONFIG_MAP: [{"data": texts}]}), "data", "lake")  # type: ignore[arg-type]


def test_the_variables_of_panels_are_filled() -> None:
    text = """{"title": "Spark", "panels": [{"title": "Up", "gridPos": {"h": 8, "w": 12, "x": 12, "y": 8},
        "fieldConfig": {"defaults": {"unit": "bytes"}}, "targets": [{"legendFormat": "{{pod}}",
        "expr": "rate(up{namespace=\\"$namespace\\", release=\\"${release}\\"}[$__rate_interval])"}]}]}"""
    own = Dashboards.of(Installed(**{"spark.json": text, "spark.conf": "{}", "rules.json": "{}"}))  # type: ignore[arg-type]
    queries = {'rate(up{namespace="data", release="lake"}[1m])': "{{pod}}"}
    assert own.panels == [Panel("Spark", "Up", queries, "bytes", Place(12, 8, 12))]
    with pytest.raises(CheckFailed, match="has a variable that is unknown: cluster"):
        Dashboards.of(Installed(**{"spark.json": text.replace("$namespace", "$cluster")}))  # type: ignore[arg-type]
    with pytest.raises(CheckFailed, match="has no dashboards"):
        Dashboards.of(Installed(**{"spark.conf": "{}"}))  # type: ignore[arg-type]
