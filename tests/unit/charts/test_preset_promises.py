"""Presets and environments: one that sets a value which is not what it is for is named, with the value."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.charts import promises, values
from sparkproof.charts.promises import View
from sparkproof.charts.promises.presets import _ENVIRONMENTS, _PRESETS
from sparkproof.charts.renderings import Case, Chart, merged, nested
from sparkproof.core import examples
from tests.support.rendering import ALL, CHARTS

BESIDE = promises.named("a preset or an environment sets what it is for, and nothing else")
CHART = Chart(CHARTS / "spark-4.1")
ANYBODY: list[Any] = [{"namespaceSelector": {}}]


def breaches(*presets: Path, **given: Any) -> list[str]:
    """What breaks the promise, of a look at the chart that renders nothing."""
    return list(BESIDE.breaches(View(Case(CHART, presets=presets, values=given), [], {})))


def test_the_presets_and_environments_there_are_set_what_they_are_for() -> None:
    assert breaches(*(preset for chart in ALL for preset in chart.presets)) == []
    for name in examples.names("environments"):
        assert breaches(**examples.environment(name)) == []


def test_each_preset_and_each_environment_is_known_and_no_key_is_left_over() -> None:
    set_by = dict.fromkeys(_PRESETS, frozenset[str]())
    for chart in ALL:
        for preset in chart.presets:
            own = frozenset(".".join(keys) for keys, _ in values.leaves(values.read(preset)))
            set_by[preset.name.removesuffix("-values.yaml")] |= own
    assert set_by == {name: frozenset(keys.split()) for name, keys in _PRESETS.items()}
    of_environments = {
        name: {".".join(keys) for keys, _ in values.leaves(examples.environment(name))}
        for name in examples.names("environments")
    }
    assert of_environments == {name: set(keys.split()) for name, keys in _ENVIRONMENTS.items()}


@pytest.mark.parametrize(
    ("preset", "key", "value"),
    [
        ("restricted", "networkPolicy.users", ANYBODY),
        ("monitoring", "networkPolicy.prometheus", ANYBODY),
        ("airflow", "airflow.startsPods", True),
        ("iceberg", "historyServer.maxAge", "1h"),
        ("backup", "backup.maxAgeHours", 240),
        ("mlflow", "mlflow.allowedHosts", ["*"]),
        ("cost-optimized", "connect.podDisruptionBudget.enabled", False),
        ("small", "image.tag", "latest"),
        ("elastic", "worker.autoscaling.cooldownSeconds", 1),
    ],
)
def test_a_preset_that_sets_something_else_is_named(preset: str, key: str, value: Any, tmp_path: Path) -> None:
    own = next(path for chart in ALL for path in chart.presets if path.name == f"{preset}-values.yaml")
    changed = tmp_path / own.name
    changed.write_text(yaml.safe_dump(merged(values.read(own), nested(key.split("."), value))))
    assert breaches(changed) == [f"the preset {preset} sets {key} to {value!r}, which is not what it is for"]


def test_a_preset_that_nobody_knows_is_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "open-values.yaml").write_text("networkPolicy: {enabled: false}\n")
    assert breaches(tmp_path / "open-values.yaml") == [
        "the preset open sets networkPolicy.enabled to False, which is not what it is for"
    ]


@pytest.mark.parametrize(
    ("environment", "key", "value"),
    [
        ("prod", "networkPolicy.users", ANYBODY),
        ("prod", "connect.podDisruptionBudget.enabled", False),
        ("staging", "warehouse.keep", True),
        ("dev", "monitoring.rules.enabled", False),
    ],
)
def test_an_environment_that_sets_something_else_is_named(
    environment: str, key: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = merged(examples.environment(environment), nested(key.split("."), value))
    known = examples.environment
    monkeypatch.setattr(examples, "environment", lambda name: more if name == environment else known(name))
    assert breaches(**more) == [f"the environment {environment} sets {key} to {value!r}, which is not what it is for"]


def test_values_of_nobodys_environment_may_be_any() -> None:
    assert breaches(networkPolicy={"users": ANYBODY}) == []
