"""Charts as the criteria speak of them: versions and presets, what cannot work together, and what a failure says."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from sparkproof.charts import cases, renderings, values
from sparkproof.charts.coverage import Coverage, Effects, Part
from sparkproof.charts.renderings import Case, Chart, Impossible, Rendering, Renderings, leaves
from sparkproof.core import evidence, examples
from sparkproof.core.errors import CheckFailed, UsageError
from tests.support.rendering import ALL, CHART


@pytest.fixture(autouse=True)
def record() -> evidence.Record:
    return evidence.begin()


@pytest.fixture
def chart(tmp_path: Path) -> Chart:
    folder = tmp_path / "charts" / "small"
    (folder / "presets").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\nappVersion: 2.0.0\n")
    (folder / "versions.yaml").write_text("spark: {1.0.0: {}, 2.0.0: {}}\n")
    (folder / "values.yaml").write_text('sparkVersion: ""\na: {b: 1, labels: {}}\n')
    (folder / "presets" / "more-values.yaml").write_text("a: {b: 2}\n")
    (folder / "presets" / "most-values.yaml").write_text("a: {b: 3}\n")
    return Chart(folder)


def gave(case: Case, refusal: str = "", problems: tuple[str, ...] = ()) -> Rendering:
    return Rendering(case, refusal, "" if refusal else "text", "", {}, problems)


def test_every_chart_is_rendered_in_every_version_with_each_preset(chart: Chart) -> None:
    assert [str(case) for case in renderings.every_preset([chart])] == [
        f"small {version}{preset}" for version in ("1.0.0", "2.0.0") for preset in ("", " more", " most")
    ]
    assert [str(case) for case in renderings.every_two_presets([chart])] == [
        f"small {version} {preset}"
        for version in ("1.0.0", "2.0.0")
        for preset in ("more+most", "most+more", "more+most")
    ]


def test_each_key_at_each_level_is_misspelt(chart: Chart) -> None:
    assert [case.values for case in renderings.every_misspelling([chart])] == [
        {"sparkVersionx": ""},
        {"ax": {}},
        {"a": {"bx": 1}},
        {"a": {"labelsx": {}}},
    ]


def test_later_values_win_and_the_version_is_the_charts_unless_chosen(chart: Chart) -> None:
    both = Case(chart, presets=chart.presets)
    assert both.effective == {"sparkVersion": "2.0.0", "a": {"b": 3, "labels": {}}}
    assert Case(chart, "1.0.0", chart.presets, {"a": {"b": 4}}).effective["a"]["b"] == 4
    assert Case(chart, "1.0.0").effective["sparkVersion"] == "1.0.0"


def test_what_follows_the_release_is_told_from_what_is_fixed(chart: Chart) -> None:
    cases = [each for each in renderings.every_platform([chart]) if each.version]
    long = f"{'n' * 38}-{'e' * 14}"
    assert {(case.release, case.namespace) for case in cases} == {
        ("spark", "team"),
        ("second", "others"),
        (long, "others"),
    }
    # As long as helm takes a name, with a hyphen where the charts cut it.
    assert (len(long), long[38]) == (53, "-")


def test_all_but_gpus_is_on_and_gpus_too_where_a_chart_has_them(chart: Chart) -> None:
    assert cases.with_everything_on_gpus([chart]) == []
    on_gpus = cases.with_everything_on_gpus([Chart(CHART)])
    assert [(case.effective["gpu"]["enabled"], case.effective["airflow"]["enabled"]) for case in on_gpus] == [
        (True, True)
    ]
    assert on_gpus[0] in renderings.every_platform([Chart(CHART)])


def test_what_is_there_already_takes_the_place_of_a_store_and_a_database(chart: Chart) -> None:
    (theirs,) = [each for each in renderings.every_platform([chart]) if "host" in each.values.get("postgres", {})]
    assert (theirs.values["postgres"]["enabled"], theirs.values["postgres"]["host"]) == (False, "server.example")
    assert theirs.values["objectStore"] == {"enabled": False, "endpoint": "https://store.example:9000"}


@pytest.mark.parametrize(("values", "placed"), [("{}", "executor"), ("worker: {}", "worker")])
def test_what_users_place_are_executors_or_the_workers_that_run_them(chart: Chart, values: str, placed: str) -> None:
    (chart.folder / "values.yaml").write_text(values)
    found = [each.values for each in renderings.every_platform([Chart(chart.folder)])]
    (wanted,) = [each for each in found if each.get("image", {}).get("pullPolicy") == "Always"]
    assert {key for key, value in wanted.items() if "nodeSelector" in value} == {"gpu", placed}


def test_a_value_that_nothing_reads_is_in_a_copy(chart: Chart) -> None:
    (chart.folder / "values.schema.json").write_text('{"properties": {"a": {}}}')
    (copy,) = renderings.with_value([chart], "unread")
    assert copy.values == {**chart.values, "unread": "one"}
    assert copy.schema["properties"] == {"a": {}, "unread": {"type": "string", "examples": ["another"]}}
    assert chart.schema["properties"] == {"a": {}}
    renderings.remove([copy])
    assert not copy.folder.exists()


def test_a_message_names_many_values_and_does_not_give_them(chart: Chart) -> None:
    few, many = ({f"key{n}": {"on": True} for n in range(count)} for count in (1, 9))
    assert Case(chart, values=few).brief == str(Case(chart, values=few)) == 'small {"key0": {"on": true}}'
    assert Case(chart, values=many).brief == "small with other values of " + ", ".join(sorted(many))


def test_a_preset_of_comments_alone_changes_nothing(chart: Chart) -> None:
    chart.presets[0].write_text("# Nothing yet.\n")
    assert Case(chart, presets=chart.presets[:1]).effective == Case(chart).effective


def test_a_folder_without_charts_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no chart in"):
        renderings.in_folder(tmp_path)


def test_what_cannot_work_is_found_in_whatever_sets_it(chart: Chart) -> None:
    old = Impossible("more on an old version", {"sparkVersion": "1.0.0", "a": {"b": 2}})
    assert old.within(Case(chart, "1.0.0", chart.presets[:1]))
    assert not old.within(Case(chart, "2.0.0", chart.presets[:1]))
    assert not old.within(Case(chart, "1.0.0", chart.presets))
    assert [case.values for case in old.cases([chart])] == [old.values]
    with pytest.raises(UsageError, match="No chart has what 'elsewhere' is about: c"):
        Impossible("elsewhere", {"c": 1}).cases([chart])


def test_each_impossible_example_has_a_row_among_the_criteria() -> None:
    told = (Path(examples.FOLDER).parent / "features/charts/refusals.feature").read_text().lower()
    assert [name for name in examples.every_impossible() if f"| {name.replace('-', ' ')} " not in told] == []


def test_a_refusal_that_nobody_expects_fails(chart: Chart) -> None:
    with pytest.raises(CheckFailed, match="small: no"):
        Renderings([gave(Case(chart), refusal="no")]).must_fit_kubernetes()


def test_what_renders_though_it_cannot_work_fails(chart: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "every_impossible", lambda: ["two"])
    monkeypatch.setattr(examples, "impossible", lambda _: {"a": {"b": 2}})
    case = Case(chart, presets=chart.presets[:1])
    with pytest.raises(CheckFailed, match="small more: renders, though it cannot work"):
        Renderings([gave(case)]).must_fit_kubernetes()
    Renderings([gave(case, refusal="no")]).must_fit_kubernetes()


def test_a_problem_of_one_rendering_fails_all(chart: Chart) -> None:
    made = [gave(Case(chart)), gave(Case(chart, "1.0.0"), problems=("x.yaml: no",))]
    with pytest.raises(CheckFailed, match=r"1 of what 2 renderings gave does not fit(?s:.*)small 1.0.0: x.yaml: no"):
        Renderings(made).must_fit_kubernetes()


def test_a_text_that_changes_fails(chart: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Renderings([gave(Case(chart))])
    monkeypatch.setattr(renderings, "texts", lambda cases: [gave(case).text for case in cases])
    made.must_be_the_same_again()
    monkeypatch.setattr(renderings, "texts", lambda cases: [gave(case, refusal="now not").text for case in cases])
    with pytest.raises(CheckFailed, match="renders to another text"):
        made.must_be_the_same_again()


def test_presets_whose_order_matters_fail(chart: Chart, record: evidence.Record) -> None:
    orders = [Case(chart, version, presets) for version in ("", "1.0.0") for presets in permutations(chart.presets)]
    made = [gave(case) for case in orders]
    Renderings(made).must_be_the_same_in_any_order()
    assert [proof.seen for proof in record.proofs] == ["2 renderings were the same with their presets in another order"]
    other = replace(made[-1], text="other")
    with pytest.raises(CheckFailed, match=r"another order: small 1\.0\.0 most\+more and small 1\.0\.0 more\+most$"):
        Renderings([*made[:-1], other]).must_be_the_same_in_any_order()
    with pytest.raises(CheckFailed, match="None of 2 renderings has the presets of another in another order"):
        Renderings([made[0], other]).must_be_the_same_in_any_order()


def test_a_refusal_for_another_reason_fails(chart: Chart) -> None:
    made = Renderings([gave(Case(chart), refusal="because of a"), gave(Case(chart, "1.0.0"))])
    with pytest.raises(CheckFailed, match=r"2 of what 2(?s:.*)small: because of a(?s:.*)small 1.0.0: renders"):
        made.must_be_refused("because of b")


def test_a_refusal_that_does_not_name_what_is_misspelt_fails(chart: Chart, record: evidence.Record) -> None:
    said = {
        "labelsx": "at '/a': additional properties 'labelsx' not allowed",
        "ax": "at '': additional 'ax' not allowed",
    }
    top, inside = Case(chart, values={"ax": {}}), Case(chart, values={"a": {"labelsx": {}}})
    assert (top.unknown, inside.unknown, Case(chart, values={"a": {"b": 2}}).unknown) == (("ax",), ("a", "labelsx"), ())
    Renderings([gave(top, said["ax"]), gave(inside, said["labelsx"])]).must_name_what_is_unknown()
    assert record.proofs[-1].seen == "2 refusals name the setting that is unknown"
    for wrong in (gave(inside, said["ax"]), gave(inside, "at '': 'labelsx'"), gave(inside, "at '/a': 'x'"), gave(top)):
        with pytest.raises(CheckFailed, match="does not name the unknown setting: small"):
            Renderings([wrong]).must_name_what_is_unknown()
    with pytest.raises(CheckFailed, match="has no unknown setting: small"):
        Renderings([gave(Case(chart, values={"a": {"b": 2}}), said["ax"])]).must_name_what_is_unknown()
    assert len(record.proofs) == 1


def test_a_missed_field_fails(chart: Chart) -> None:
    with pytest.raises(CheckFailed, match="is said to fit, with prots"):
        Renderings([gave(Case(chart), problems=("x.yaml: no",))]).must_not_fit_kubernetes("prots")


def test_one_kind_that_is_hardly_exercised_fails() -> None:
    parts = [Part("value", f"v{number}", True) for number in range(20)]
    covered = Coverage([*parts, Part("branch", "b0", True)], 1)
    covered.must_leave_less_than(5)
    with pytest.raises(CheckFailed, match=r"value: 1 of 21 never exercised, 4.8 %\n  dead"):
        Coverage([*parts, Part("value", "dead", False)], 1).must_leave_less_than(4)
    with pytest.raises(CheckFailed, match="All of b0 is said to be exercised"):
        covered.must_name("b0")


def test_a_key_without_an_example_asks_for_one(chart: Chart) -> None:
    (chart.folder / "values.schema.json").write_text(
        '{"properties": {"sparkVersion": {}, "a": {"properties": {"b": {}, "labels": {}}}}}'
    )
    with pytest.raises(UsageError, match=r"No other value of a\.labels can be guessed: give one as `examples`"):
        _ = Effects(chart).others


@pytest.mark.parametrize(
    ("schema", "value", "other"),
    [
        ({}, True, False),
        ({}, 4, 5),
        ({"maximum": 4}, 4, 3),
        ({"enum": ["a", "b"]}, "a", "b"),
        ({"examples": ["a", "c"], "enum": ["a", "b"]}, "a", "c"),
    ],
)
def test_another_value_follows_from_the_schema(
    chart: Chart, schema: dict[str, object], value: object, other: object
) -> None:
    chart.__dict__.update(values={"a": value}, schema={"properties": {"a": schema}})
    assert Effects(chart).others["a",] == other
    assert Effects(chart).others["sparkVersion",] == "1.0.0"


def test_one_value_is_looked_at_alone() -> None:
    (own,) = [each for each in ALL if each.name == "spark-4.1"]
    found = Coverage.of_value([own], "commonLabels")
    assert found.parts == [Part("value", "spark-4.1: commonLabels", exercised=True)]
    assert found.renderings == 1
    assert Effects(own, "nobodyReadsThis").others == {}


def test_staging_has_the_rules_of_production_and_other_sizes_alone() -> None:
    staging, production = (dict(leaves(examples.environment(name))) for name in ("staging", "prod"))
    sizes = {("dynamicAllocation", "minExecutors"), ("dynamicAllocation", "maxExecutors"), ("warehouse", "size")}
    kept = {("warehouse", "keep")}  # nobody wants staging's tables when it is gone
    differing = {path for path in staging | production if staging.get(path) != production.get(path)}
    assert differing == sizes | kept


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, True),
        ({"a": {}}, True),
        ({"a": {"b": 1}}, True),
        ({"a": {"b": 1, "c": [2]}, "d": None}, True),
        ({"a": {"b": 2}}, False),
        ({"a": {"e": 1}}, False),
        ({"a": 1}, False),
        ({"d": {}}, False),
        ({"e": None}, False),
        ({"f": {"g": 1}}, False),
    ],
    ids=str,
)
def test_values_set_what_changes_nothing_over_them(wanted: dict[str, object], found: bool) -> None:
    given = {"a": {"b": 1, "c": [2]}, "d": None, "f": {}}
    assert values.sets(given, wanted) is found is (values.merged(given, wanted) == given)


def test_a_preset_is_rendered_alone_with_each_chart_that_has_it_in_each_version() -> None:
    having = [each for each in ALL if any(preset.name == "elastic-values.yaml" for preset in each.presets)]
    found = renderings.with_preset(ALL, "small")
    assert {(case.chart, case.version) for case in found} == {(each, one) for each in ALL for one in each.versions}
    assert {tuple(preset.name for preset in case.presets) for case in found} == {("small-values.yaml",)}
    assert {case.chart for case in renderings.with_preset(ALL, "elastic")} == {*having} != {*ALL}


def test_a_platform_is_rendered_for_each_environment(chart: Chart) -> None:
    wanted = [examples.environment(name) for name in examples.names("environments")]
    assert [case.values for case in cases.every_environment([chart])] == wanted
    assert len(wanted) > 2
    assert all(each in [case.values for case in cases.every_platform(ALL)] for each in wanted)
