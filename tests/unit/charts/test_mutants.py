"""Mutants are made, judged and put into charts as said; each promise is broken by some, in two ways that differ."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sparkproof.charts import promises, renderings
from sparkproof.charts.promises import Promise, View
from sparkproof.charts.renderings import Case
from tests.mutants import cluster, mutants, page
from tests.mutants.judge import RULES, SCHEMAS, Verdict, judge, share
from tests.mutants.mutants import DROPPED, Mutant
from tests.support.rendering import ALL, render

SAID = "spark.scheduler.mode"
# These look at values that no object shows; test_default_promises.py and test_preset_promises.py break them.
OF_VALUES = {
    "a preset or an environment sets what it is for, and nothing else",
    "a platform whose values say nothing is closed, kept and watched",
    "a Prometheus reads often enough for what alerts count over minutes",
}
OF_OBJECTS = [each for each in promises.every() if each.sentence not in OF_VALUES]


@cache
def views() -> list[View]:
    """What the charts render with everything switched on, and one with GPUs."""
    gpus = [Case(chart, presets=(each,)) for chart in ALL for each in chart.presets if "gpu" in each.name]
    return [each.view for each in render([*renderings.with_everything(ALL), *gpus])]


@cache
def every() -> list[Mutant]:
    return mutants.every(views(), seed=7)


def named(kind: str, name: str, *path: str | int, becomes: object = DROPPED) -> Mutant:
    view = views()[1]
    at = [(each["kind"], each["metadata"]["name"]) for each in view.objects].index((kind, name))
    return Mutant(view, at, path, becomes)


@cache
def ways() -> dict[str, list[str]]:
    """The first two breaches that differ, of each promise by its sentence; a mutant is seen once for all promises."""
    found: dict[str, list[str]] = {each.sentence: [] for each in OF_OBJECTS}
    left = OF_OBJECTS
    for mutant in [*_shared_folders(), *_more(), *every()]:
        view = mutant.seen()
        for each in left:
            words = next(each.breaches(view), "")
            if words and words not in found[each.sentence]:
                found[each.sentence].append(words)
        left = [each for each in left if len(found[each.sentence]) < 2]
        if not left:
            break
    return found


@pytest.mark.parametrize("promise", OF_OBJECTS, ids=lambda promise: promise.sentence)
def test_a_promise_holds_and_is_broken_in_two_ways(promise: Promise) -> None:
    assert [breach for view in views() for breach in promise.breaches(view)] == []
    assert len(ways()[promise.sentence]) == 2


def _shared_folders() -> list[Mutant]:
    """Catalogs with each other's folders, which no change by chance makes."""
    found = []
    for one, other in (("hive", "rest"), ("jdbc", "lake")):
        path = ("data", "spark-defaults.conf", f"spark.sql.catalog.{one}.warehouse")
        becomes = views()[1].settings["connect"][f"spark.sql.catalog.{other}.warehouse"]
        found.append(named("ConfigMap", "second-connect", *path, becomes=becomes))
    return found


def _more() -> list[Mutant]:
    """Fields that nobody asked for, which no change of a line makes."""
    return [
        named("Service", "second-connect", "spec", "externalIPs", becomes=["192.0.2.1"]),
        named("ConfigMap", "second-connect", "immutable", becomes=True),
    ]


def test_a_seed_gives_the_same_mutants_and_another_gives_others() -> None:
    lines = [str(each) for each in every()]
    assert lines == [str(each) for each in mutants.every(views(), seed=7)]
    assert lines != [str(each) for each in mutants.every(views(), seed=8)]
    assert len(lines) > 5000


def test_a_value_is_changed_into_another_one() -> None:
    chance = random.Random(1)
    for value in (True, 3, 0, "true", "10m", "ClusterIP", "a", "", "a\nb\n", None):
        assert mutants._another(value, chance) != value


def test_a_mutant_is_noticed_by_a_promise_with_the_cause() -> None:
    found = judge(named("ConfigMap", "second-connect", "data", "spark-defaults.conf", SAID, becomes="FIFO"))
    assert found.by == "sessions see the time zone of the values, and share executors fairly"
    assert found.words == f"connect: {SAID} is 'FIFO'; expected 'FAIR'"


def test_a_mutant_that_no_promise_knows_is_noticed_by_the_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "every", list)
    found = judge(named("Service", "second-connect", "spec", "ports", 0, "port"))
    assert (found.by, found.words) == (SCHEMAS, "'port' is a required property")


def test_whatever_an_object_has_or_lacks_is_judged() -> None:
    """A promise that takes a field or its form for granted would end `make mutants` with an error."""
    fields: dict[tuple[object, ...], Mutant] = {}
    for each in every():
        names = [key for key in each.path if isinstance(key, str)]
        fields.setdefault((each.becomes is DROPPED, each.view.objects[each.at]["kind"], *names[-2:]), each)
    assert {(True, "PrometheusRule", "spec"), (True, "PrometheusRule", "metadata", "namespace")} <= fields.keys()
    for each in fields.values():
        judge(each)


def test_a_rule_that_no_longer_fires_on_its_cause_is_noticed_by_promtool() -> None:
    rule = next(each for each in every() if each.path[-1:] == ("expr",) and "absent(up" in each.was)
    weaker = replace(rule, becomes=rule.was.replace(" == 1)", ")"))
    assert weaker.was != weaker.becomes
    assert (judge(weaker).by, judge(replace(rule, becomes=rule.was)).by) == (RULES, "")


def test_a_default_that_is_dropped_changes_nothing() -> None:
    path = ("spec", "template", "spec", "containers", 0, "readinessProbe", "periodSeconds")
    found = judge(named("Deployment", "second-history-server", *path))
    assert (found.by, found.changes_nothing) == ("", True)
    assert share([found, Verdict("a", "b", "c"), Verdict("d", "", "")]) == 50


def test_the_page_lists_what_lives_with_a_reason_or_what_to_write() -> None:
    delay = (
        "spark-4.1: Deployment spark-jupyter: spec.template.spec.containers.0.startupProbe.initialDelaySeconds: dropped"
    )
    text = page.written([Verdict("a|b", "", ""), Verdict(delay, "", ""), Verdict("c", "a promise", "words")], 1)
    assert "| `a/b` | a criterion |" in text
    assert "is only asked more often |" in text
    assert "| 1 | a promise |" in text


@pytest.mark.parametrize(
    ("mutant", "line"),
    [
        (lambda: named("Service", "second-connect"), "an object"),
        (lambda: named("Service", "second-connect", "spec", "type", becomes="NodePort"), "spec.type"),
        (lambda: named("Service", "second-connect-headless", "spec", "ports", 0), "headless ports"),
        (lambda: named("ConfigMap", "second-connect", "data", "spark-defaults.conf", SAID), "a setting"),
        (lambda: named("ConfigMap", "second-connect", "data", "executor-pod.yaml", "spec", "volumes"), "a template"),
        (lambda: named("Pod", "second-test-client-uses", "spec", "containers", 0, "args", 1, becomes="-x"), "a test"),
    ],
    ids=["an object", "a field", "an item", "a setting", "a template", "a test"],
)
def test_a_copy_of_the_charts_renders_the_mutant(mutant: object, line: str, tmp_path: Path) -> None:
    assert line
    broken = mutant()  # type: ignore[operator]
    charts = renderings.in_folder(cluster.copy([broken], tmp_path))
    (copied,) = [each for each in renderings.with_everything(charts) if each.chart.name == broken.view.case.chart.name]
    (made,) = render([copied])
    plain, wanted = broken.view, broken.seen()
    key = (plain.objects[broken.at]["kind"], plain.objects[broken.at]["metadata"]["name"])
    found = {(each["kind"], each["metadata"]["name"]): each for each in made.view.objects}
    if not broken.path:
        assert key not in found
        return
    assert found[key] == wanted.objects[broken.at]
    assert found[key] != plain.objects[broken.at]
