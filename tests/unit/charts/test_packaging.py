"""Charts inside others and in packages: what Helm, Rancher, Fleet and Flux make of them."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.charts import parts
from sparkproof.charts.renderings import Case, Chart
from tests.support.rendering import ALL, CHARTS, Refused, Rendering, render

each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)


def umbrella(chart: Chart, folder: Path, **dependency: str) -> Chart:
    """A chart that depends on this one and says nothing more."""
    shutil.copytree(chart.folder, folder / "charts" / chart.name)
    needs = {"name": chart.name, "version": "*", **dependency}
    about = {"apiVersion": "v2", "name": "data-platform", "version": "0.1.0", "dependencies": [needs]}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(about))
    return Chart(folder)


def bodies(rendering: Rendering) -> list[Any]:
    """The objects without the label that has the chart's name."""
    for each in rendering.objects:
        each["metadata"]["labels"].pop("helm.sh/chart")
    return sorted(rendering.objects, key=lambda each: (each["kind"], each["metadata"]["name"]))


@each_chart
def test_an_umbrella_chart_has_the_same_objects(chart: Chart, tmp_path: Path) -> None:
    above = umbrella(chart, tmp_path, alias="spark", condition="spark.enabled")
    on, off = ({"spark": {"enabled": enabled}, "global": {"region": "eu"}} for enabled in (True, False))
    plain, bare, switched = map(bodies, render([Case(chart), Case(above), Case(above, values=on)]))
    assert plain == bare == switched
    assert render([Case(above, values=off)])[0].objects == []


def test_a_dependency_whose_values_helm_does_not_find_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"no values to a chart whose name has a dot \(spark-3\.5\).*alias: spark"):
        render([Case(umbrella(ALL[0], tmp_path))])


@each_chart
def test_what_others_tell_all_charts_changes_nothing(chart: Chart) -> None:
    plain, told = render([Case(chart), Case(chart, values={"global": {"cattle": {"clusterId": "c-1"}}})])
    assert bodies(plain) == bodies(told)


def test_a_chart_that_nobody_has_cannot_be_switched_off() -> None:
    with pytest.raises(Refused, match="/enabled"):
        render([Case(ALL[0], values={"enabled": False})])


@pytest.mark.parametrize("version", ["0.1.0+4b0a3c67", "1.0.0-" + "a" * 41 + "+" + "b" * 40, "1.0.0-" + "a" * 60])
def test_whatever_the_charts_version_its_label_is_one(version: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ALL[0].folder, tmp_path / ALL[0].name)
    about = (folder / "Chart.yaml").read_text()
    (folder / "Chart.yaml").write_text(re.sub(r"(?m)^version: .*", f"version: {version}", about))
    labels = {each["metadata"]["labels"]["helm.sh/chart"] for each in render([Case(Chart(folder))])[0].objects}
    (label,) = labels
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", label)
    assert label.startswith(f"{ALL[0].name}-{version[:5]}")


def test_each_chart_says_which_kubernetes_has_what_it_uses() -> None:
    """A pod that sleeps before it goes is known since 1.30: https://kubernetes.io/blog/2024/04/17/kubernetes-v1-30-release/"""
    said = [Chart(path.parent).about["kubeVersion"] for path in sorted(CHARTS.glob("*/versions.yaml"))]
    assert said == [">=1.30.0-0"] * 3


def test_every_chart_is_what_is_recorded_as_its_version() -> None:
    assert parts.unversioned() == []


@pytest.mark.parametrize(
    ("file", "chart"),
    [
        ("spark-4.1/values.yaml", "spark-4.1"),
        ("spark-3.5/charts/spark-common/templates/_pod.tpl", "spark-3.5"),
        ("spark-common/shared/templates/client.yaml", "spark-common"),
        ("spark-standalone/presets/another-values.yaml", "spark-standalone"),
    ],
)
def test_a_change_without_a_new_version_is_found(
    file: str, chart: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(CHARTS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(parts, "CHARTS", tmp_path)
    with (tmp_path / file).open("a") as changed:
        changed.write("# \n")
    (sentence,) = parts.unversioned()
    assert sentence.startswith(f"charts/{chart} is not what is recorded as its version ")
    assert sentence.endswith("raise `version` in its Chart.yaml unless you have, then run `make charts`.")
