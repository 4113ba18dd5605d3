"""What must hold of renderings: an object, a field, a setting, a Secret or a node that is another is seen and named."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sparkproof.charts import coverage, renderings, schemas
from sparkproof.charts.coverage import Coverage, Part
from sparkproof.charts.own_tests import Answer, OwnTest, OwnTests
from sparkproof.charts.promises import Promise
from sparkproof.charts.renderings import Case, Chart, Outcome, Rendering, Renderings
from sparkproof.core import examples
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.labels import COMPONENT

SPOT = {"key": "spot", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}


@pytest.fixture(autouse=True)
def nothing_is_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "every_impossible", list)


@pytest.fixture
def chart(tmp_path: Path) -> Chart:
    folder = tmp_path / "small"
    (folder / "presets").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\nappVersion: 2.0.0\n")
    (folder / "versions.yaml").write_text("spark: {2.0.0: {}}\n")
    (folder / "values.yaml").write_text("sparkConf: {}\n")
    (folder / "presets" / "quick-values.yaml").write_text("sparkConf: {spark.speculation: true}\n")
    return Chart(folder)


def rendered(chart: Chart, *, refusal: str = "", problems: tuple[str, ...] = (), **view: Any) -> Renderings:
    """One rendering of the chart that promises would see like this."""
    made = Rendering(Case(chart, presets=chart.presets), refusal, "text", "", {"a.yaml": [{}, {}]}, problems)
    made.__dict__["view"] = SimpleNamespace(**view)
    return Renderings([made])


def service(**ports: int) -> dict[str, Any]:
    return {
        "metadata": {"labels": {COMPONENT: "connect"}},
        "spec": {"ports": [{"port": each} for each in ports.values()]},
    }


def executors(**spec: Any) -> list[Any]:
    return [SimpleNamespace(where="worker", spec=spec)]


RIGHT: Mapping[str, tuple[Callable[[Renderings], None], Mapping[str, Any], str]] = {
    "settings": (
        lambda found: found.must_set({"spark.a": "1"}),
        {"of_drivers": {"connect": {"spark.a": "1", "spark.b": "2"}}},
        "Drivers of 1 renderings have 1 settings",
    ),
    "fields": (
        lambda found: found.must_have("Service", "connect", {"spec ports 0 port": "15002"}),
        {"kind": {"Service": [service(own=15002)]}.get},
        "1 renderings have the Service of connect",
    ),
    "secrets": (
        lambda found: found.must_need_secrets(["store", "keys"]),
        {"running": [SimpleNamespace(secrets=["store"]), SimpleNamespace(secrets=["keys", "store"])]},
        "Pods of 1 renderings need the Secrets store, keys",
    ),
    "presets": (
        lambda found: found.must_give([("quick", "spark.speculation", "True")]),
        {},
        "Presets of 1 renderings give 1 settings",
    ),
    "nodes": (
        lambda found: found.must_place_executors_on("pool=spot"),
        {"of_executors": executors(nodeSelector={"pool": "spot"})},
        "Executors of 1 renderings go to nodes labelled pool=spot",
    ),
    "taints": (
        lambda found: found.must_let_executors_accept("spot=yes:NoSchedule"),
        {"of_executors": executors(tolerations=[SPOT])},
        "Executors of 1 renderings accept spot=yes:NoSchedule alone",
    ),
    "taints without a value": (
        lambda found: found.must_let_executors_accept("spot:NoSchedule"),
        {"of_executors": executors(tolerations=[{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}])},
        "Executors of 1 renderings accept spot:NoSchedule alone",
    ),
    "promises": (
        lambda found: found.must_keep(Promise("all is well", lambda view: iter(vars(view)["faults"]))),
        {"faults": []},
        "In 1 renderings all is well",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_holds_of_every_rendering_is_proved(name: str, chart: Chart, record: Record) -> None:
    check, view, seen = RIGHT[name]
    check(rendered(chart, **view))
    assert [(proof.level, proof.seen) for proof in record.proofs] == [(Level.RENDERED, seen)]
    assert json.loads(record.items[0].content) == ["small quick"]
    kept = {"settings": {"spark.a": "1"}, "fields": {"spec ports 0 port": "15002"}}
    assert name not in kept or json.loads(record.items[1].content) == kept[name]
    assert name != "presets" or record.items[1].name == "settings"
    with pytest.raises(CheckFailed, match="small quick: no memory"):
        check(rendered(chart, refusal="no memory", **view))
    assert len(record.proofs) == 1


WRONG: list[tuple[str, Mapping[str, Any], str]] = [
    ("settings", {"of_drivers": {"connect": {"spark.a": "2"}}}, "set up otherwise: small quick: connect: spark.a is"),
    ("settings", {"of_drivers": {"connect": {}}}, "small quick: connect: spark.a is missing; expected '1'"),
    (
        "settings",
        {"of_drivers": {"connect": {"spark.a": "1"}, "submit": {"spark.a": "2"}}},
        "small quick: submit: spark.a is '2'",
    ),
    ("fields", {"kind": lambda _: []}, "is not as the preset has to make it: small quick: connect has no Service"),
    ("fields", {"kind": {"Service": [service(own=15003)]}.get}, "Service of connect: spec ports 0 port is '15003'"),
    ("fields", {"kind": {"Service": [service()]}.get}, "Service of connect: spec ports 0 port is ''"),
    ("secrets", {"running": [SimpleNamespace(secrets=["store"])]}, r".*the Secrets \['store'\]"),
    ("nodes", {"of_executors": executors()}, "goes elsewhere: small quick: worker has the nodeSelector None"),
    ("nodes", {"of_executors": executors(nodeSelector={"pool": "x"})}, "has the nodeSelector {'pool': 'x'}"),
    ("taints", {"of_executors": executors()}, "does not accept .*worker has the tolerations None"),
    ("taints", {"of_executors": executors(tolerations=[{**SPOT, "value": "no"}])}, "has .*'value': 'no'"),
    ("taints", {"of_executors": executors(tolerations=[SPOT, {"operator": "Exists"}])}, "alone: .*'operator': 'Exi"),
    ("promises", {"faults": ["one"]}, "^small quick: one: broken is the promise that all is well"),
    ("promises", {"faults": ["one", "two"]}, "^small quick: one, and 1 more like it: broken is"),
    ("promises", {"faults": ["one", "two", "three"]}, "^small quick: one, and 2 more like it: broken is"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "view", "words"), WRONG)
def test_what_does_not_hold_is_named(
    name: str, view: Mapping[str, Any], words: str, chart: Chart, record: Record
) -> None:
    with pytest.raises(CheckFailed, match=words):
        RIGHT[name][0](rendered(chart, **view))
    assert not record.proofs


@pytest.mark.parametrize(("name", "view", "words"), WRONG)
def test_a_rendering_that_is_right_hides_none_that_is_wrong(
    name: str, view: Mapping[str, Any], words: str, chart: Chart
) -> None:
    right, wrong = rendered(chart, **RIGHT[name][1]), rendered(chart, **view)
    with pytest.raises(CheckFailed, match=words):
        RIGHT[name][0](Renderings([*right.made, *wrong.made]))


def test_a_case_that_is_right_hides_none_that_is_wrong(chart: Chart, record: Record) -> None:
    without, with_it = (rendered(chart, kind=lambda _, found=found: found).made for found in ([], [service(own=15002)]))
    with pytest.raises(CheckFailed, match=r"^1 of what 2 renderings gave .*: small quick: connect has no Service$"):
        Renderings([*without, *with_it]).must_have("Service", "connect", {"spec ports 0 port": "15002"})
    assert not record.proofs


def test_a_preset_that_sets_nothing_of_spark_gives_none(chart: Chart, record: Record) -> None:
    (chart.folder / "presets" / "plain-values.yaml").write_text("replicas: 2\n")
    both = rendered(chart)
    assert len(both.made[0].case.presets) == 2
    both.must_give([("quick", "spark.speculation", "True")])
    assert len(record.proofs) == 1


def test_a_rendering_that_changes_or_is_refused_for_another_reason_is_named(
    chart: Chart, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderings, "texts", lambda _: ["other" for _ in rendered(chart).made])
    with pytest.raises(CheckFailed, match=r"gave renders to another text the second time: small quick$"):
        rendered(chart).must_be_the_same_again()
    with pytest.raises(CheckFailed, match=r"gave is not refused with 'because': small quick: no memory$"):
        rendered(chart, refusal="no memory").must_be_refused("because")
    assert not record.proofs


def test_settings_that_a_preset_has_too_many_or_too_few_of_are_named(chart: Chart, record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"^1 of what .*otherwise: small quick sets spark.speculation to 'True'$"):
        rendered(chart).must_give([])
    wanted = [("quick", "spark.speculation", "True"), ("quick", "spark.x", "1")]
    with pytest.raises(CheckFailed, match=r"^1 of what .*otherwise: no preset quick sets spark.x to '1'$"):
        rendered(chart).must_give(wanted)
    assert not record.proofs


def test_what_schemas_say_of_renderings_is_proved(
    chart: Chart, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "of", lambda: "Kubernetes 1.34")
    rendered(chart).must_fit_kubernetes()
    rendered(chart, problems=("x: no field prots", "y: no")).must_not_fit_kubernetes("prots")
    monkeypatch.setattr(renderings, "texts", lambda _: [one.text for one in rendered(chart).made])
    rendered(chart).must_be_the_same_again()
    refused = rendered(chart, refusal="because of a")
    refused.must_be_refused("because")
    assert [proof.seen for proof in record.proofs] == [
        "2 objects of 1 renderings fit the schemas of Kubernetes 1.34",
        "Kubernetes' schemas know no prots",
        "1 renderings were the same when repeated",
        "1 cases were refused",
    ]
    kept = {each.name: json.loads(each.content) for each in record.items}
    assert (kept["found"], kept["refusals"]) == ({"small quick": ["x: no field prots"]}, ["because of a"])
    for check in (refused.must_be_the_same_again, lambda: refused.must_not_fit_kubernetes("x")):
        with pytest.raises(CheckFailed, match="is wrongly refused, or wrongly not: small quick: because of a"):
            check()


def test_what_a_coverage_leaves_is_proved_and_named(record: Record) -> None:
    parts = [Part("value", "a.yaml: dead", False), *(Part("value", f"v{number}", True) for number in range(19))]
    covered = Coverage(parts, 7)
    covered.must_leave_less_than(6)
    covered.must_name("a.yaml")
    assert [(proof.level, proof.seen) for proof in record.proofs] == [
        (Level.RENDERED, "Never exercised: 5.0 % of each value"),
        (Level.RENDERED, "a.yaml: dead is said never to be exercised"),
    ]
    assert b"7 renderings" in record.items[0].content
    with pytest.raises(CheckFailed, match=r"^5 % or more of one kind is never exercised \(value\)\.\n7 renderings"):
        covered.must_leave_less_than(5)
    for file in ("b.yaml", "v1"):
        with pytest.raises(CheckFailed, match=rf"^All of {file} is said to be exercised\.\n7 renderings"):
            covered.must_name(file)
    assert len(record.proofs) == 2


class Tried:
    """A test of a chart that passes for these answers."""

    def __init__(self, *passing: Answer) -> None:
        self.passing, self.right, self.wrong = (
            passing,
            Answer(),
            {"it is broken": Answer(500), "it is another": Answer(1)},
        )

    def __str__(self) -> str:
        return "uses"

    def passes(self, answer: Answer) -> bool:
        return answer in self.passing


def test_charts_own_tests_are_proved_or_named(record: Record) -> None:
    good = OwnTests([cast(OwnTest, Tried(Answer()))])
    good.must_pass_where_right()
    good.must_fail_where_wrong()
    assert [(proof.level, proof.seen) for proof in record.proofs] == [
        (Level.RENDERED, "1 tests pass where they are answered rightly"),
        (Level.RENDERED, "2 wrong answers make 1 tests fail"),
    ]
    with pytest.raises(CheckFailed, match=r"^uses does not pass where all is right$"):
        OwnTests([cast(OwnTest, Tried())]).must_pass_where_right()
    with pytest.raises(CheckFailed, match=r"^uses passes though it is broken\nuses passes though it is another$"):
        OwnTests([cast(OwnTest, Tried(Answer(500), Answer(1)))]).must_fail_where_wrong()
    for check in (OwnTests([]).must_pass_where_right, OwnTests([]).must_fail_where_wrong):
        with pytest.raises(CheckFailed, match=r"^The charts have no tests of their own\.$"):
            check()
    assert len(record.proofs) == 2


def test_a_value_of_the_wrong_form_does_not_matter_for_that() -> None:
    misshapen = Outcome("", "values don't meet the specifications of the schema(s) in the following chart(s)")
    refused, plain, other = Outcome("", "an impossible pair"), Outcome("a", ""), Outcome("b", "")
    assert [coverage._differ(plain, each) for each in (other, refused, plain, misshapen)] == [True, True, False, False]


def test_platforms_are_those_whose_executors_are_pods_or_those_with_workers(chart: Chart) -> None:
    both = Renderings([*rendered(chart, standalone=True).made, *rendered(chart, standalone=False).made])
    assert both.with_workers().made == both.made[:1]
    assert both.without_standalone().made == both.made[1:]
