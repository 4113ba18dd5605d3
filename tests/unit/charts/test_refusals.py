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

ICEBERG_1_12 = "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0"
ON_DEMAND = "spark.kubernetes.executor.volumes.persistentVolumeClaim.spark-local-dir-1.options.claimName"
TWICE = {"enabled": True, "name": "lake", "uri": "http://catalog:8181"}
BOTH = {"name": "A", "value": "b", "valueFrom": {"secretKeyRef": {"name": "c", "key": "d"}}}
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


# Values that spark-4.1 refuses.
OF_PODS: list[tuple[dict[str, Any], str]] = [
    ({"executers": {}}, "additional properties 'executers' not allowed"),
    ({"connect": {"prot": 1}}, "additional properties 'prot' not allowed"),
    ({"sparkVersion": "3.5.8"}, "sparkVersion"),
    ({"sparkVersion": 4.1}, "sparkVersion"),
    ({"commonLabels": {"team": "a b"}}, "commonLabels"),
    ({"commonLabels": {"bad key": "a"}}, "'bad key' does not match pattern"),
    ({"sparkConf": {"spark.ui.retainedJobs": 10}}, "want string"),
    ({"sparkConf": {"retainedJobs": "10"}}, "invalid propertyName 'retainedJobs'"),
    ({"sparkConf": {"spark.a": "b\nspark.c=d"}}, "does not match pattern"),
    ({"image": {"registry": "https://registry.example"}}, "/image/registry"),
    ({"image": {"repository": "Data/Spark"}}, "/image/repository"),
    ({"image": {"tag": "a:b"}}, "/image/tag"),
    ({"image": {"digest": "sha256:12"}}, "/image/digest"),
    ({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy"),
    ({"image": {"pullSecrets": ["pull"]}}, "/image/pullSecrets/0"),
    ({"connect": {"port": "15002"}}, "/connect/port"),
    ({"connect": {"port": 80}}, "/connect/port"),
    ({"connect": {"port": 4040}}, "Two of connect's ports are both 4040 (connect and ui)"),
    ({"connect": {"memory": "1Gi"}}, "/connect/memory"),
    ({"connect": {"timeZone": ""}}, "/connect/timeZone"),
    ({"connect": {"resources": {"limits": {"memory": None}}}}, "missing property 'memory'"),
    ({"sparkConf": {"spark.ui.port": None}}, "/sparkConf/spark.ui.port"),
    ({"commonLabels": {"team": None}}, "/commonLabels/team"),
    *(
        (values, f"The label app.kubernetes.io/{name} may not be set to")
        for name in ("name", "instance", "component")
        for labels in [{f"app.kubernetes.io/{name}": "mine"}]
        for values in (
            {"commonLabels": labels},
            {"commonLabels": {f"app.kubernetes.io/{name}": ""}},
            {"client": {"podLabels": labels}},
            {"executor": {"podLabels": labels}},
            {"test": {"podLabels": labels}},
            {"monitoring": {"enabled": True, "monitors": {"labels": labels}}},
        )
    ),
    ({"enabled": False}, "/enabled"),
    ({"connect": {"resources": {"requests": {"cpu": "lots"}}}}, "/connect/resources/requests/cpu"),
    ({"connect": {"tolerations": [{"effect": "Sometimes"}]}}, "/connect/tolerations/0/effect"),
    ({"connect": {"extraEnv": [{"name": "1A"}]}}, "/connect/extraEnv/0/name"),
    ({"executor": {"cores": 0}}, "/executor/cores"),
    ({"executor": {"instances": 0}}, "/executor/instances"),
    ({"executor": {"cpuLimit": 0}}, "/executor/cpuLimit"),
    ({"dynamicAllocation": {"enabled": "yes"}}, "/dynamicAllocation/enabled"),
    ({"dynamicAllocation": {"minExecutors": -1}}, "/dynamicAllocation/minExecutors"),
    ({"dynamicAllocation": {"idleTimeout": 60}}, "/dynamicAllocation/idleTimeout"),
    ({"dynamicAllocation": {"minExecutors": 9}}, "minExecutors (9) is more than maxExecutors (4)"),
    ({"sparkConf": {"spark.dynamicAllocation.shuffleTracking.enabled": "false"}}, "loses shuffle files"),
    ({"gpu": {"enabled": 1}}, "/gpu/enabled"),
    ({"gpu": {"concurrentTasks": 0}}, "/gpu/concurrentTasks"),
    ({"gpu": {"forcedShim": "spark350"}}, "/gpu/forcedShim"),
    ({"gpu": {"enabled": True}, "sparkConf": {"spark.jars.packages": ICEBERG_1_12}}, "RAPIDS refuses Iceberg 1.12"),
    ({"sparkConf": {"spark.executor.resource.gpu.amount": "1"}}, "without spark.executor.resource.gpu.vendor"),
    ({"sparkConf": {"spark.driver.resource.gpu.amount": "1"}}, "without spark.driver.resource.gpu.vendor"),
    ({"sparkConf": {"spark.kubernetes.executor.podTemplateFile": "/mine"}}, "ask for GPUs that Spark does not count"),
    ({"executor": {"extraEnv": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]}}, "takes GPUs that"),
    ({"sparkConf": {"spark.ui.port": "7078"}}, "sparkConf may not set spark.ui.port: the driver's Service offers 4040"),
    ({"sparkConf": {"spark.connect.grpc.binding.port": "1"}}, "set connect.port"),
    ({"iceberg": {"catalogs": {"hadoop": {"name": "spark_catalog"}}}}, "/iceberg/catalogs/hadoop/name"),
    ({"iceberg": {"catalogs": {"hadoop": {"name": "my lake"}}}}, "/iceberg/catalogs/hadoop/name"),
    ({"networkPolicy": {"users": [{"podSelector": {"labels": {}}}]}}, "/networkPolicy/users/0/podSelector"),
    ({"networkPolicy": {"users": [{}]}}, "/networkPolicy/users/0"),
    ({"networkPolicy": {"egress": [{"ports": [{"port": 443}]}]}}, "missing property 'to'"),
    ({"networkPolicy": {"egress": [{"to": [], "ports": [{"port": 0}]}]}}, "/networkPolicy/egress/0/ports/0/port"),
    ({"networkPolicy": {"apiServer": {"cidrs": ["everywhere"]}}}, "/networkPolicy/apiServer/cidrs/0"),
    ({"networkPolicy": {"apiServer": {"ports": []}}}, "/networkPolicy/apiServer/ports"),
    ({"networkPolicy": {"dnsNamespace": "Kube System"}}, "/networkPolicy/dnsNamespace"),
    ({"monitoring": {"monitors": {"interval": "often"}}}, "/monitoring/monitors/interval"),
    ({"monitoring": {"monitors": {"labels": {"a b": "c"}}}}, "'a b' does not match pattern"),
    ({"warehouse": {"accessMode": "ReadOnlyMany"}}, "/warehouse/accessMode"),
    ({"connect": {"memory": "8g"}}, "connect has a limit of 1536Mi, in which its heap (8g) has no room"),
    ({"connect": {"memory": "1537m"}}, "connect has a limit of 1536Mi, in which its heap (1537m) has no room"),
    ({"connect": {"resources": {"requests": {"cpu": "3"}}}}, "connect.resources requests more cpu (3) than its limit"),
    ({"client": {"resources": {"requests": {"memory": "1Gi"}}}}, "client.resources requests more memory (1Gi)"),
    ({"executor": {"cpuRequest": "4"}}, "executor.cpuRequest (4) is more than executor.cpuLimit (1)"),
    ({"driver": {"cpuRequest": "1500m"}}, "driver.cpuRequest (1500m) is more than driver.cpuLimit (1)"),
    ({"connect": {"memory": "100m"}}, "connect.memory is 100m: Spark starts with no less than 450m"),
    ({"executor": {"memory": "10m"}}, "executor.memory is 10m: Spark starts with no less than 450m"),
    ({"driver": {"memory": "449m"}}, "driver.memory is 449m: Spark starts with no less than 450m"),
    ({"sparkConf": {ON_DEMAND: "OnDemand"}}, "drivers have no right to make claims"),
    ({"iceberg": {"catalogs": {"rest": TWICE}}}, "catalogs hadoop and rest are both named lake"),
    ({"warehouse": {"enabled": False}}, "keeps its tables in the warehouse's volume: set warehouse.enabled"),
    *(
        ({"sparkConf": {name: "1"}}, f"sparkConf may not set {name}")
        for name in (
            "spark.blockManager.port",
            "spark.connect.grpc.binding.address",
            "spark.driver.bindAddress",
            "spark.driver.blockManager.port",
            "spark.driver.host",
            "spark.driver.port",
            "spark.history.ui.port",
            "spark.kubernetes.authenticate.executor.serviceAccountName",
            "spark.kubernetes.driver.pod.name",
            "spark.kubernetes.namespace",
            "spark.master",
        )
    ),
    ({"sparkConf": {"spark.driver.memory": "8g"}}, "set connect.memory or driver.memory"),
    ({"sparkConf": {"spark.executor.memory": "8g"}}, "set executor.memory, by which pods get their size"),
    ({"connect": {"tolerations": [{"operator": "Exists", "value": "a"}]}}, "operator Exists and the value a"),
    ({"connect": {"extraEnv": [BOTH]}}, "The variable A has both a value and valueFrom"),
    ({"warehouse": {"existingClaim": "My Claim"}}, "/warehouse/existingClaim"),
]

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    *((PODS, values, words) for values, words in OF_PODS),
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
    """Each sentence that a template can fail with has a case, here or among those of criteria."""
    charts = [Chart(path.parent) for path in sorted(CHARTS.glob("spark-[3s][.t]*/Chart.yaml"))] + [Chart(CHARTS / PODS)]
    cases = [case for name in examples.every_impossible() for case in renderings.impossible(name).cases(charts)]
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
