"""Whether a platform is still what it was installed from: everything that decides of it changes the digest."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sparkproof.platform.spec import ReleaseSpec

CHARTS = Path(__file__).parents[3] / "charts"
VALUES = {"sparkVersion": "4.1.1", "connect": {"replicas": 1}}


@pytest.fixture
def spec(tmp_path: Path) -> ReleaseSpec:
    shutil.copytree(CHARTS / "spark-4.1", tmp_path / "spark-4.1")
    return ReleaseSpec(tmp_path / "spark-4.1", "4.1.1", ("small", "gpu"))


def test_it_is_the_same_wherever_the_chart_lies(spec: ReleaseSpec) -> None:
    assert spec.digest(VALUES) == replace(spec, chart=CHARTS / "spark-4.1").digest({**VALUES})


@pytest.mark.parametrize(
    "file", ["values.yaml", "presets/gpu-values.yaml", "charts/spark-common/templates/_executor.tpl"]
)
def test_it_changes_with_a_file(file: str, spec: ReleaseSpec) -> None:
    before = spec.digest(VALUES)
    with (spec.chart / file).open("a") as changed:
        changed.write(" ")
    assert spec.digest(VALUES) != before


def test_it_changes_with_the_presets_and_the_values(spec: ReleaseSpec) -> None:
    others = [replace(spec, presets=("gpu", "small")), replace(spec, presets=("small",))]
    digests = {each.digest(VALUES) for each in (spec, *others)}
    assert len({*digests, spec.digest({**VALUES, "connect": {"replicas": 2}})}) == 4


@pytest.mark.parametrize(
    ("chart", "before", "after", "then"),
    [
        ("spark-3.5", "3.5.8", "4.1.1", "spark-4.1"),
        ("spark-4.1", "4.1.1", "3.5.8", "spark-3.5"),
        ("spark-4.1", "4.1.0", "4.1.1", "spark-4.1"),
        ("spark-standalone", "3.5.8", "4.1.1", "spark-standalone"),
    ],
)
def test_another_version_has_the_chart_of_its_series(chart: str, before: str, after: str, then: str) -> None:
    spec = ReleaseSpec(CHARTS / chart, before, ("small",), {"submit": {"enabled": True}})
    assert spec.of_version(after) == replace(spec, chart=CHARTS / then, spark_version=after)
