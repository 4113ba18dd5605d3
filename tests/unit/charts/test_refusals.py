"""Refusals: each that the charts can make is made for a case here, and none for a case that comes near it."""

import re
from functools import cache
from typing import Any

import pytest

from sparkproof.charts import renderings
from sparkproof.charts.cases import Case
from sparkproof.charts.chart import Chart
from sparkproof.core import examples
from tests.support.rendering import CHARTS
from tests.unit.charts.test_values import ICEBERG_1_12
from tests.unit.charts.test_values import REFUSED as OF_VALUES

PODS, WORKERS = "spark-4.1", "spark-standalone"
STORE = {"objectStore": {"enabled": True, "existingSecret": "store"}}
DATABASES = {"postgres": {"enabled": True, "existingSecret": "postgres"}}
INGEST = {**STORE, "ingest": {"enabled": True, "authentication": {"existingSecret": "ingest"}}}
AIRFLOW = {**DATABASES, "airflow": {"enabled": True}}
NO_SERVER = {"connect": {"enabled": False}, "client": {"enabled": False}}


def catalog(name: str, **values: Any) -> dict[str, Any]:
    return {"iceberg": {"catalogs": {name: {"enabled": True, **values}}}}


def ingest(**values: Any) -> dict[str, Any]:
    return {**INGEST, "ingest": {**INGEST["ingest"], **values}}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (PODS, AIRFLOW, "Whoever reaches Airflow could run programs"),
    (PODS, {"jupyter": {"enabled": True}}, "Whoever reaches JupyterLab could run programs"),
    (PODS, {"eventLog": {"enabled": True}}, "Event logs are kept in an object store"),
    (PODS, {**STORE, **catalog("hive")}, "Iceberg's hive catalog has no metastore"),
    (PODS, {**STORE, **catalog("rest")}, "Iceberg's rest catalog has no server"),
    (PODS, catalog("hive", uri="thrift://hive.example:9083"), "Iceberg's hive catalog keeps its tables in an object"),
    (
        PODS,
        {"objectStore": {**STORE["objectStore"], "endpoint": "https://s3.example"}},
        "and objectStore.endpoint names",
    ),
    (PODS, {"objectStore": {"enabled": True}}, "The object store has no keys"),
    (PODS, {"postgres": {**DATABASES["postgres"], "host": "db.example"}}, "postgres.host names another (db.example)"),
    (PODS, {"postgres": {"enabled": True}}, "The databases have no passwords"),
    (WORKERS, {"executor": {"cores": 2}, "worker": {"cores": 1}}, "executor.cores (2) is more than a worker has"),
    (WORKERS, {"executor": {"memory": "641m"}}, "executor.memory (641m) is more than a worker has"),
    (WORKERS, {"worker": {"memory": "1400m"}}, "its heap (1400m and 192m) has no room"),
    *(
        (PODS, {**NO_SERVER, name: {"enabled": True}}, f"{name} works on the Connect server")
        for name in ("airflow", "client", "jupyter")
    ),
    *(
        (PODS, {"gpu": {"enabled": True}, "sparkConf": {name: text}}, "RAPIDS refuses Iceberg 1.12")
        for name, text in {
            "spark.jars.packages": ICEBERG_1_12,
            "spark.jars": "local:///opt/iceberg-spark-runtime-4.1_2.13-1.12.0.jar",
            "spark.driver.extraClassPath": "/opt/iceberg-spark-runtime-4.1_2.13-1.12.0.jar",
            "spark.executor.extraClassPath": "/opt/iceberg-spark-runtime-4.1_2.13-1.12.0.jar",
        }.items()
    ),
    (PODS, ingest(prefix="mlflow/in"), "belongs to MLflow"),
    (PODS, ingest(donePrefix="mlflow"), "belongs to MLflow"),
    (PODS, ingest(prefix="event-logs"), "belongs to event logs"),
    (PODS, ingest(prefix="landed/in", donePrefix="landed"), "lie in each other"),
    (PODS, ingest(prefix="landing", donePrefix="landing/done"), "lie in each other"),
    (PODS, {"monitoring": {"rules": {"secretMaxAge": "4w"}}}, "/monitoring/rules/secretMaxAge"),
    *(
        (PODS, {name: {"database": "postgres"}}, f"/{name}/database")
        for name in ("airflow", "hiveMetastore", "mlflow", "restCatalog")
    ),
    (PODS, catalog("jdbc", database="postgres"), "/iceberg/catalogs/jdbc/database"),
    (WORKERS, {"worker": {"autoscaling": {"pollingSeconds": 0}}}, "/worker/autoscaling/pollingSeconds"),
    (PODS, {"monitoring": {"enabled": True, "rules": {"wait": "10m"}}}, "would end before they fire"),
    (PODS, {"monitoring": {"enabled": True, "monitors": {"interval": "151s"}}}, "alerts that count could not fire"),
]
# What comes near a refusal, and works.
TAKEN: list[tuple[str, dict[str, Any]]] = [
    (PODS, ingest(prefix="landed2", donePrefix="landed")),
    (PODS, ingest(prefix="landed", donePrefix="landed2")),
    (PODS, catalog("rest", uri="https://rest.example")),
    (WORKERS, {"executor": {"memory": "640m"}, "worker": {"memory": "640m"}}),
    (WORKERS, {"executor": {"memory": "1024m"}, "worker": {"memory": "1g"}}),
    (WORKERS, {"worker": {"memory": "1344m"}}),
    (PODS, {"connect": {"memory": "1536m"}}),
    (PODS, {"monitoring": {"enabled": True, "rules": {"wait": "599s"}}}),
    (PODS, {"monitoring": {"enabled": True, "monitors": {"interval": "150s"}}}),
    (PODS, {"monitoring": {"enabled": True, "rules": {"secretMaxAge": "90d"}}}),
]
# Faults of the charts themselves, which no values bring about, and what a release's name or a chart around it does.
NOT_OF_VALUES = (
    "is no YAML",
    "are no YAML",
    "versions.yaml names no image",
    "The release's name (",
    "Inside another chart",
)


@cache
def refusals() -> list[str]:
    given = [*((chart, values) for chart, values, _ in REFUSED), *TAKEN]
    return [
        each.refusal for each in renderings.outcomes([Case(Chart(CHARTS / chart), values=own) for chart, own in given])
    ]


@pytest.mark.parametrize(
    "number", range(len(REFUSED)), ids=[f"{number}: {row[2]}" for number, row in enumerate(REFUSED)]
)
def test_what_cannot_work_is_refused(number: int) -> None:
    assert REFUSED[number][2] in refusals()[number]


@pytest.mark.parametrize(
    "number", range(len(TAKEN)), ids=[f"{number}: {values}" for number, (_, values) in enumerate(TAKEN)]
)
def test_what_comes_near_to_that_is_taken(number: int) -> None:
    assert refusals()[len(REFUSED) + number] == ""


def test_each_refusal_of_the_charts_is_made_for_some_values() -> None:
    """Each sentence that a template can fail with has a case, here or among those of values and of criteria."""
    charts = [Chart(path.parent) for path in sorted(CHARTS.glob("spark-[3s][.t]*/Chart.yaml"))] + [Chart(CHARTS / PODS)]
    cases = [case for name in examples.every_impossible() for case in renderings.impossible(name).cases(charts)]
    cases += [Case(Chart(CHARTS / PODS), values=values) for values, _ in OF_VALUES]
    said = "\n".join([*refusals(), *(each.refusal for each in renderings.outcomes(cases))])
    templates = "\n".join(path.read_text() for path in sorted((CHARTS / "spark-common" / "templates").glob("*.tpl")))
    sentences = re.findall(r'(?:fail|required) (?:\(printf )?"((?:[^"\\]|\\.)*)"', templates)
    assert len(sentences) > 40
    assert [
        each for each in sentences if not any(own in each for own in NOT_OF_VALUES) and not is_said(each, said)
    ] == []


def is_said(sentence: str, said: str) -> bool:
    parts = re.split(r"%[svdq]", sentence.replace('\\"', '"'))
    return bool(re.search(".*".join(map(re.escape, parts)), said))
