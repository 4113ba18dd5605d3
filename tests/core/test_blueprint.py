"""Whether a platform is still what it was installed from: everything that decides of it changes the digest."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sparkproof.release import Blueprint

CHARTS = Path(__file__).parents[2] / "charts"
VALUES = {"sparkVersion": "4.1.1", "connect": {"replicas": 1}}


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    shutil.copytree(CHARTS / "spark-4.1", tmp_path / "spark-4.1")
    return Blueprint(tmp_path / "spark-4.1", "4.1.1", ("small", "gpu"))


def test_it_is_the_same_wherever_the_chart_lies(blueprint: Blueprint) -> None:
    assert blueprint.digest(VALUES) == replace(blueprint, chart=CHARTS / "spark-4.1").digest({**VALUES})


@pytest.mark.parametrize(
    "file", ["values.yaml", "presets/gpu-values.yaml", "charts/spark-common/templates/_executor.tpl"]
)
def test_it_changes_with_a_file(file: str, blueprint: Blueprint) -> None:
    before = blueprint.digest(VALUES)
    with (blueprint.chart / file).open("a") as changed:
        changed.write(" ")
    assert blueprint.digest(VALUES) != before


def test_it_changes_with_the_presets_and_the_values(blueprint: Blueprint) -> None:
    others = [replace(blueprint, presets=("gpu", "small")), replace(blueprint, presets=("small",))]
    digests = {each.digest(VALUES) for each in (blueprint, *others)}
    assert len({*digests, blueprint.digest({**VALUES, "connect": {"replicas": 2}})}) == 4
