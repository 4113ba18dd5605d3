"""The chart's values: each is documented, typed, closed against misspelling, and changes what is rendered."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml

from sparkproof.charts import renderings
from sparkproof.charts.coverage import Effects
from sparkproof.charts.renderings import Case, Chart
from tests.support.rendering import ALL, CHART

ICEBERG_1_12 = "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0"
ON_DEMAND = "spark.kubernetes.executor.volumes.persistentVolumeClaim.spark-local-dir-1.options.claimName"
TWICE = {"enabled": True, "name": "lake", "uri": "http://catalog:8181"}
BOTH = {"name": "A", "value": "b", "valueFrom": {"secretKeyRef": {"name": "c", "key": "d"}}}
# Of the chart that has the most of them; the search in the others takes minutes.
EFFECTS = {chart.name: Effects(chart) for chart in ALL if chart.folder == CHART}
# What Helm itself passes to a chart that another one has, and to the library.
OF_HELM = {"enabled", "global", "spark-common"}
FOLDERS = ("donePrefix", "prefix")
# Keys whose values name something that is the user's.
NAMES = (
    *FOLDERS,
    *("applications", "dags", "existingClaim", "existingSecret", "kedaNamespace", "key", "region", "storageClass"),
)
each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)


@pytest.mark.parametrize(
    ("chart", "keys"),
    [(name, keys) for name, effects in EFFECTS.items() for keys in effects.others],
    ids=lambda given: given if isinstance(given, str) else ".".join(given),
)
def test_every_value_changes_what_is_rendered(chart: str, keys: tuple[str, ...]) -> None:
    assert keys in EFFECTS[chart].cases, "no preset, switch or example beside it makes another value matter"


@pytest.mark.parametrize("chart", EFFECTS)
def test_other_values_render_what_kubernetes_knows(chart: str) -> None:
    made = renderings.rendered(list(EFFECTS[chart].cases.values()))
    assert [f"{each.case}: {problem}" for each in made for problem in each.problems] == []


@each_chart
@pytest.mark.parametrize("given", ["1e{}", "off"])
def test_names_that_yaml_takes_for_numbers_or_truth_stay_names(chart: Chart, given: str) -> None:
    (usual,) = renderings.with_everything([chart])
    # Connect of Spark 3.5 takes no Secret, so everything there goes without it.
    found = [keys for keys, value in renderings.leaves(usual.effective) if value or keys[-1] != "existingSecret"]
    named = {keys: given.format(n) for n, keys in enumerate(found) if keys[-1] in NAMES or keys == ("bucket", "name")}
    # Folders beside each other have names that differ.
    named = {keys: name for keys, name in named.items() if keys[-1] not in FOLDERS or "{}" in given}
    # A user of PostgreSQL's begins with a letter, so what looks like a number is refused.
    named |= {keys: "off" for keys in found if keys[-1] == "database"}
    values = usual.values
    for keys, name in named.items():
        values = renderings.merged(values, renderings.nested(keys, name))
    place = given.format("05")
    (made,) = renderings.rendered([replace(usual, values=values, release=place, namespace=place)])
    assert (made.refusal, made.problems) == ("", [])
    settings = made.get("ConfigMap", f"{place}-connect")["data"]["spark-defaults.conf"].splitlines()
    assert f"spark.hadoop.fs.s3a.endpoint.region={named['objectStore', 'region']}" in settings
    assert ("master" in chart.values) != (f"spark.kubernetes.namespace={place}" in settings)


@each_chart
def test_every_key_is_documented(chart: Chart) -> None:
    lines = (chart.folder / "values.yaml").read_text().splitlines()
    documented: set[str] = set()
    for node, path in keys(yaml.compose("\n".join(lines))):
        if lines[node.start_mark.line - 1].strip().startswith("# -- "):
            documented.add(path)
    paths = [".".join(keys) for keys, _ in renderings.leaves(chart.values)]
    assert [path for path in paths if not any(path == d or path.startswith(d + ".") for d in documented)] == []


def keys(node: Any, path: str = "") -> Iterator[tuple[Any, str]]:
    for key, value in node.value:
        here = f"{path}.{key.value}" if path else key.value
        yield key, here
        if isinstance(value, yaml.MappingNode):
            yield from keys(value, here)


@each_chart
def test_the_schema_knows_just_the_keys_that_there_are(chart: Chart) -> None:
    assert not set(chart.schema["properties"]) ^ (set(chart.values) | OF_HELM)
    for component, values in chart.values.items():
        if "properties" in chart.schema["properties"][component]:
            assert set(chart.schema["properties"][component]["properties"]) == set(values), component


@each_chart
def test_the_schema_is_closed_at_every_level(chart: Chart) -> None:
    def open_objects(schema: Any, path: str) -> Iterator[str]:
        if isinstance(schema, dict):
            if schema.get("type") == "object" and not {"additionalProperties", "maxProperties"} & set(schema):
                yield path
            for key, value in schema.items():
                yield from open_objects(value, f"{path}/{key}")

    assert list(open_objects(chart.schema, "#")) == []


REFUSED: list[tuple[dict[str, Any], str]] = [
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


@cache
def refusals() -> list[renderings.Rendering]:
    return renderings.rendered([Case(Chart(CHART), values=values) for values, _ in REFUSED])


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[json.dumps(values) for values, _ in REFUSED])
def test_what_cannot_work_is_refused_with_the_reason(number: int) -> None:
    assert REFUSED[number][1] in refusals()[number].refusal
