"""Checks of promises, presets and the charts' own tests: each holds, and each is seen to fail with the cause."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from sparkproof.charts import own_tests, promises, renderings
from sparkproof.charts.own_tests import Answer, OwnTests
from sparkproof.charts.renderings import Renderings
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, UsageError
from tests.support.rendering import ALL, CHART

READ_ONLY = "no container can write into its image"
SPOT = "karpenter.sh/capacity-type=spot"


@pytest.fixture(autouse=True)
def record() -> evidence.Record:
    return evidence.begin()


@cache
def with_preset(name: str) -> Renderings:
    charts = [chart for chart in ALL if chart.folder == CHART]
    return Renderings.of(renderings.with_preset(charts, name)[-1:])


@cache
def everything() -> Renderings:
    return Renderings.of(renderings.with_everything([chart for chart in ALL if "standalone" in chart.name]))


def test_a_promise_that_nobody_makes_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=f"No promise says 'no container writes into its image'.*{READ_ONLY}"):
        promises.named("no container writes into its image")


def test_a_promise_is_kept_or_the_first_breach_is_the_cause() -> None:
    kept = with_preset("small")
    kept.must_keep(promises.named(READ_ONLY))
    broken = promises.Promise("it is so", lambda _: iter(["this is broken", "and that"]))
    with pytest.raises(
        CheckFailed, match=r"spark-4.1 .*: this is broken, and 1 more.*broken is the promise that it is so"
    ):
        kept.must_keep(broken)


def test_drivers_are_set_up_as_presets_say() -> None:
    small = with_preset("small")
    small.must_set({"spark.dynamicAllocation.minExecutors": "0"})
    with pytest.raises(CheckFailed, match=r"connect: spark.dynamicAllocation.minExecutors is '0'; expected '1'"):
        small.must_set({"spark.dynamicAllocation.minExecutors": "1"})
    with pytest.raises(CheckFailed, match=r"spark.authenticate is missing"):
        small.must_set({"spark.authenticate": "true"})


def test_objects_are_there_with_their_fields() -> None:
    small = with_preset("small")
    small.must_have("PersistentVolumeClaim", "warehouse", {"spec resources requests storage": "1Gi"})
    with pytest.raises(CheckFailed, match="spec resources requests storage is '1Gi'; expected '2Gi'"):
        small.must_have("PersistentVolumeClaim", "warehouse", {"spec resources requests storage": "2Gi"})
    with pytest.raises(CheckFailed, match="connect has no NetworkPolicy"):
        small.must_have("NetworkPolicy", "connect", {})


def test_executors_are_placed_as_presets_say() -> None:
    cheap, small = with_preset("cost-optimized"), with_preset("small")
    cheap.must_place_executors_on(SPOT)
    cheap.must_let_executors_accept(f"{SPOT}:NoSchedule")
    with_preset("gpu").must_let_executors_accept("nvidia.com/gpu:NoSchedule")
    with pytest.raises(CheckFailed, match="has the nodeSelector None"):
        small.must_place_executors_on(SPOT)
    with pytest.raises(CheckFailed, match="has the tolerations"):
        cheap.must_let_executors_accept(f"{SPOT}:NoExecute")
    with pytest.raises(CheckFailed, match="has the tolerations None"):
        small.must_let_executors_accept(f"{SPOT}:NoSchedule")


def test_pods_need_the_secrets_that_a_preset_names_and_no_others() -> None:
    tracked = with_preset("mlflow")
    tracked.must_need_secrets(["postgres", "object-store"])
    with pytest.raises(CheckFailed, match=r"pods need the Secrets \['object-store', 'postgres'\]"):
        tracked.must_need_secrets(["postgres"])
    with pytest.raises(CheckFailed, match=r"small: pods need the Secrets \[\]"):
        with_preset("small").must_need_secrets(["postgres"])


def test_presets_give_the_settings_that_are_known_and_no_others() -> None:
    cheap, failures = with_preset("cost-optimized"), ("cost-optimized", "spark.task.maxFailures", "8")
    cheap.must_give([failures])
    with pytest.raises(CheckFailed, match=r"cost-optimized sets spark\.task\.maxFailures to '8'"):
        cheap.must_give([])
    with pytest.raises(CheckFailed, match=r"no preset small sets spark\.task\.maxFailures to '8'"):
        cheap.must_give([failures, ("small", *failures[1:])])


def test_a_preset_that_no_chart_has_is_refused() -> None:
    with pytest.raises(UsageError, match=r"No chart has a preset smal-values\.yaml"):
        renderings.with_preset(ALL, "smal")


def altered(about: str, change: Callable[[str], str]) -> OwnTests:
    """The tests about this, with their programs changed."""
    found = []
    for each in OwnTests.of(everything().views).tests:
        if about in each.pod.where:
            main: Mapping[str, Any] = {**each.pod.main, "args": [change(text) for text in each.pod.main["args"]]}
            found.append(replace(each, pod=replace(each.pod, spec={**each.pod.spec, "containers": [main]})))
    assert found
    return OwnTests(found)


def test_the_charts_own_tests_pass_and_fail_where_they_should() -> None:
    for about in ("master-denied", "worker-denied", "history-server-uses", "client-uses"):
        found = altered(about, lambda text: text)
        found.must_pass_where_right()
        found.must_fail_where_wrong()


@pytest.mark.parametrize(
    ("about", "change", "words"),
    [
        ("master-denied", lambda text: text.replace("6066", "6067"), "passes though whoever reaches it may submit"),
        ("worker-denied", lambda text: text.replace('"Somebody else was refused."', "0"), "though somebody else"),
        ("history-server-uses", lambda text: text.replace("None if right else", "None and"), "passes though it is"),
        ("client-uses", lambda text: text.replace("right(answer) or", "True or"), "passes though it answers wrongly"),
    ],
)
def test_a_test_that_accepts_a_wrong_answer_is_found(about: str, change: Callable[[str], str], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        altered(about, change).must_fail_where_wrong()


def test_a_test_that_always_fails_is_found() -> None:
    with pytest.raises(CheckFailed, match="does not pass where all is right"):
        altered("master-uses", lambda text: text.replace("ALIVE", "DEAD")).must_pass_where_right()
    with pytest.raises(CheckFailed, match="no tests of their own"):
        OwnTests([]).must_pass_where_right()


def test_a_test_that_nobody_knows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_tests, "_of_airflow", lambda _uses: None)
    with pytest.raises(CheckFailed, match=r"-airflow-\w+ is not known, so nobody can tell"):
        OwnTests.of(everything().views)


def test_a_program_that_is_not_there_does_not_pass() -> None:
    (found,) = altered("master-uses", lambda text: text.replace("python3", "pythonx")).tests
    assert not found.passes(Answer())


WATCHED = "alerts watch each program that is there, where monitors are, and no other release"
SHOWN = "dashboards show what programs tell, where Grafana finds them"


def changed(kind: str, change: Callable[[Any], object]) -> Renderings:
    """The renderings of the monitoring preset with one change of each object of a kind that has its component."""
    found = deepcopy(with_preset("monitoring"))
    for view in found.views:
        for each in view.kind(kind):
            if each["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring":
                change(each)
    return found


@pytest.mark.parametrize(
    ("kind", "promise", "change", "cause"),
    [
        ("PrometheusRule", WATCHED, lambda rule: first(rule).update({"for": "1h"}), "for is '1h'; expected '5m'"),
        ("PrometheusRule", WATCHED, lambda rule: first(rule).update(expr="absent(up{})"), "watches more than what has"),
        (
            "PrometheusRule",
            WATCHED,
            lambda rule: first(rule).update(expr=first(rule)["expr"].replace('job="', 'job=~".*')),
            "SparkDriverDown watches what only ends or begins like its own",
        ),
        (
            "PrometheusRule",
            WATCHED,
            lambda rule: first(rule).update(expr=first(rule)["expr"].replace("up{", '{__name__="up", ')),
            "SparkDriverDown watches what only ends or begins like its own",
        ),
        ("PrometheusRule", WATCHED, lambda rule: first(rule)["labels"].pop("severity"), "severity is missing"),
        (
            "PrometheusRule",
            WATCHED,
            lambda rule: first(rule).update(expr="increase(" + first(rule)["expr"].replace("}", "}[9m])")),
            r"SparkDriverDown counts over \['9m'\]; expected 10m",
        ),
        (
            "PrometheusRule",
            WATCHED,
            lambda rule: first(rule).update(expr=first(rule)["expr"].replace("}", "} offset 1h")),
            r"SparkDriverDown counts over \['1h'\]; expected 10m",
        ),
        ("PrometheusRule", WATCHED, lambda rule: rule["spec"]["groups"][0]["rules"].pop(), "there are the alerts"),
        ("PrometheusRule", WATCHED, lambda rule: rule.update(kind="Rule"), "there are 0 objects of rules; expected 1"),
        ("ConfigMap", SHOWN, lambda board: board["metadata"]["labels"].pop("grafana_dashboard"), "is missing"),
        ("ConfigMap", SHOWN, lambda board: board["data"].clear(), "there are the dashboards"),
        (
            "ConfigMap",
            SHOWN,
            lambda board: board["data"].update(
                {"connect.json": board["data"]["connect.json"].replace("$release", "r")}
            ),
            "shows more than the release chosen",
        ),
        (
            "ConfigMap",
            SHOWN,
            lambda board: board["data"].update({"connect.json": board["data"]["connect.json"].replace("$names", "n")}),
            "shows more than what has the namespace chosen",
        ),
        (
            "ConfigMap",
            SHOWN,
            lambda board: other(board, "tasks_failedTasks", "tasks_completedTasks"),
            "the panel 'Tasks per second' of connect.json: failed is .*appStatus_tasks_completedTasks_Count",
        ),
        (
            "ConfigMap",
            SHOWN,
            lambda board: other(board, "sum(rate", "max(rate"),
            "'Shuffle' of .*: written is 'max.rate",
        ),
        ("ConfigMap", SHOWN, lambda board: other(board, '"failed"', '"lost"'), "failed is missing; expected 'rate"),
        ("ConfigMap", SHOWN, lambda board: other(board, '"Bps"', '"short"'), "unit is 'short'; expected 'Bps'"),
        ("ConfigMap", SHOWN, lambda board: other(board, "Heap in use", "Heap"), "connect.json has the panels .*'Heap'"),
        (
            "ConfigMap",
            SHOWN,
            lambda board: other(board, 'label_values(up{job=\\"connect\\"}, ', 'label_values(up{job=\\"driver\\"}, '),
            r"connect.json lets its reader choose .*driver",
        ),
    ],
)
def test_alerts_and_dashboards_that_are_changed_are_found(
    kind: str, promise: str, change: Callable[[Any], object], cause: str
) -> None:
    with_preset("monitoring").must_keep(promises.named(promise))
    with pytest.raises(CheckFailed, match=cause):
        changed(kind, change).must_keep(promises.named(promise))


def other(board: Any, said: str, becomes: str) -> None:
    """Write something else into the dashboard of the Connect server."""
    text = board["data"]["connect.json"]
    assert said in text
    board["data"]["connect.json"] = text.replace(said, becomes)


def first(rule: Any) -> Any:
    return rule["spec"]["groups"][0]["rules"][0]
