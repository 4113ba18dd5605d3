"""The chart's values: each is documented, typed, closed against misspelling, and changes what is rendered."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from rendering import CHART, leaves, template

from sparkproof.process import CommandFailed

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())

# Another value for each key whose other values cannot be guessed from the one it has.
OTHER: Mapping[str, Any] = {
    "commonLabels": {"team": "data"},
    "sparkConf": {"spark.ui.retainedJobs": "10"},
    "image.registry": "registry.example:5000",
    "image.repository": "data/spark",
    "image.tag": "mine",
    "image.digest": "sha256:" + "0" * 64,
    "image.pullPolicy": "Always",
    "image.pullSecrets": [{"name": "pull"}],
    "connect.memory": "2g",
    "connect.timeZone": "Europe/Berlin",
    "executor.memory": "1g",
    "executor.memoryOverhead": "512m",
    "executor.cpuRequest": "1",
    "executor.cpuLimit": "2",
    "dynamicAllocation.idleTimeout": "5min",
    "dynamicAllocation.shuffleTimeout": "5min",
    "gpu.mode": "explainOnly",
    "gpu.forcedShim": "spark411",
    "gpu.nodeSelector": {"nvidia.com/gpu.present": "true"},
    "gpu.tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
    "iceberg.catalogs.hadoop.name": "ocean",
    "networkPolicy.users": [{"namespaceSelector": {"matchLabels": {"team": "data"}}}],
    "networkPolicy.prometheus": [{"podSelector": {"matchLabels": {"app": "prometheus"}}}],
    "networkPolicy.egress": [{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 443}]}],
    "networkPolicy.dnsNamespace": "dns",
    "networkPolicy.apiServer.cidr": "192.0.2.1/32",
    "networkPolicy.apiServer.ports": [8443],
    "monitoring.monitors.interval": "1m",
    "monitoring.monitors.labels": {"release": "prometheus"},
    "connect.authentication.existingSecret": "token",
    "driver.memory": "1g",
    "driver.memoryOverhead": "512m",
    "driver.cpuRequest": "1",
    "driver.cpuLimit": "2",
    "submit.applications": "programs",
    "objectStore.endpoint": "https://s3.example",
    "objectStore.region": "eu-west-1",
    "objectStore.existingSecret": "mine",
    "bucket.name": "lake",
    "postgres.host": "db2.example",
    "postgres.existingSecret": "mine",
    "hiveMetastore.database": "mine",
    "hiveMetastore.memory": "1g",
    "restCatalog.database": "mine",
    "restCatalog.memory": "1g",
    "eventLog.prefix": "logs",
    "eventLog.maxFileSize": "1g",
    "historyServer.memory": "1g",
    "historyServer.updateInterval": "1min",
    "historyServer.maxAge": "1d",
    "iceberg.catalogs.hive.name": "mine",
    "iceberg.catalogs.hive.uri": "thrift://metastore.example:9083",
    "iceberg.catalogs.rest.name": "mine",
    "iceberg.catalogs.rest.uri": "https://catalog.example",
    "iceberg.catalogs.jdbc.name": "mine",
    "iceberg.catalogs.jdbc.database": "mine",
    "connect.authentication.key": "secret",
}
# The same for the keys that every component, or every volume, has.
OTHER_OF_PODS: Mapping[str, Any] = {
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "spot", "operator": "Exists"}],
    "podLabels": {"tier": "gold"},
    "podAnnotations": {"note": "mine"},
    "extraEnv": [{"name": "A", "value": "b"}],
    "existingClaim": "mine",
    "size": "1Ti",
    "storageClass": "fast",
    "accessMode": "ReadWriteMany",
}
ICEBERG_1_12 = "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0"
SERVICES = yaml.safe_load((CHART / "presets" / "iceberg-values.yaml").read_text())
STORE = {"objectStore": {"endpoint": "https://s3.example:9000"}}
DATABASES = {"postgres": {"host": "db.example", "existingSecret": "passwords"}}
# What must be set besides for a key to matter at all: by its path, else by its component.
BESIDES: Mapping[str, Any] = {
    "executor.instances": {"dynamicAllocation": {"enabled": False}},
    **{
        f"networkPolicy.{key}": {"networkPolicy": {"enabled": True}}
        for key in ("users", "prometheus", "egress", "dnsNamespace", "apiServer.cidr", "apiServer.ports")
    },
    **{f"monitoring.monitors.{key}": {"monitoring": {"enabled": True}} for key in ("enabled", "interval", "labels")},
    "connect.authentication.key": {"connect": {"authentication": {"existingSecret": "token"}}},
    "submit.enabled": {},
    "submit": {"submit": {"enabled": True}},
    "driver": {"submit": {"enabled": True}},
    **{
        f"gpu.{key}": {"gpu": {"enabled": True}}
        for key in ("mode", "concurrentTasks", "forcedShim", "nodeSelector", "tolerations")
    },
    "objectStore.enabled": {"objectStore": {"existingSecret": "keys"}},
    "objectStore.endpoint": {},
    "postgres.enabled": {"postgres": {"existingSecret": "passwords"}},
    **{f"postgres.{key}": {**STORE, **DATABASES, "restCatalog": {"enabled": True}} for key in ("host", "port")},
    **{
        f"{name}.enabled": {**STORE, **DATABASES}
        for name in ("hiveMetastore", "restCatalog", "eventLog", "historyServer")
    },
    "iceberg.catalogs.hive.enabled": {**STORE, **DATABASES, "hiveMetastore": {"enabled": True}},
    "iceberg.catalogs.rest.enabled": {**STORE, **DATABASES, "restCatalog": {"enabled": True}},
    "iceberg.catalogs.jdbc.enabled": {**STORE, **DATABASES},
    **dict.fromkeys(("objectStore", "bucket", "postgres", "hiveMetastore", "restCatalog"), SERVICES),
    **dict.fromkeys(("eventLog", "historyServer", "iceberg"), SERVICES),
}
# There is one version so far, so there is no other value to give; two versions are only judged.
SINGLE = {"sparkVersion", "iceberg.catalogs.hive.metastoreVersion"}


def nested(path: str, value: Any) -> dict[str, Any]:
    """Values that set only the key at this dotted path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return dict(value)


def other(path: str, value: Any) -> Any:
    if path in OTHER:
        return OTHER[path]
    if (name := path.split(".")[-1]) in OTHER_OF_PODS:
        return OTHER_OF_PODS[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    assert path.split(".")[-1] in ("cpu", "memory"), f"name another value for {path} in OTHER"
    return "1234m" if path.endswith("cpu") else "1234Mi"


@pytest.mark.parametrize(("path", "value"), [each for each in leaves(VALUES) if each[0] not in SINGLE], ids=lambda v: v)
def test_every_value_changes_what_is_rendered(path: str, value: Any) -> None:
    besides = BESIDES.get(path, BESIDES.get(path.split(".")[0], {}))
    assert template(merged(besides, nested(path, other(path, value)))).text != template(besides).text


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, as helm lays one values file over another."""
    both = dict(below)
    for key, value in above.items():
        both[key] = merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def test_every_key_is_documented() -> None:
    lines = (CHART / "values.yaml").read_text().splitlines()
    documented: set[str] = set()
    for node, path in keys(yaml.compose("\n".join(lines))):
        if lines[node.start_mark.line - 1].strip().startswith("# -- "):
            documented.add(path)
    bare = [path for path, _ in leaves(VALUES) if not any(path == d or path.startswith(d + ".") for d in documented)]
    assert bare == []


def keys(node: Any, path: str = "") -> Iterator[tuple[Any, str]]:
    for key, value in node.value:
        here = f"{path}.{key.value}" if path else key.value
        yield key, here
        if isinstance(value, yaml.MappingNode):
            yield from keys(value, here)


def test_the_schema_knows_just_the_keys_that_there_are() -> None:
    assert not set(SCHEMA["properties"]) ^ (set(VALUES) | {"spark-common"})
    for component, values in VALUES.items():
        if "properties" in SCHEMA["properties"][component]:
            assert set(SCHEMA["properties"][component]["properties"]) == set(values), component


def test_the_schema_is_closed_at_every_level() -> None:
    def open_objects(schema: Any, path: str) -> Iterator[str]:
        if isinstance(schema, dict):
            if schema.get("type") == "object" and not {"additionalProperties", "maxProperties"} & set(schema):
                yield path
            for key, value in schema.items():
                yield from open_objects(value, f"{path}/{key}")

    assert list(open_objects(SCHEMA, "#")) == []


REFUSED = [
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
    ({"networkPolicy": {"apiServer": {"cidr": "everywhere"}}}, "/networkPolicy/apiServer/cidr"),
    ({"networkPolicy": {"apiServer": {"ports": []}}}, "/networkPolicy/apiServer/ports"),
    ({"networkPolicy": {"dnsNamespace": "Kube System"}}, "/networkPolicy/dnsNamespace"),
    ({"monitoring": {"monitors": {"interval": "often"}}}, "/monitoring/monitors/interval"),
    ({"monitoring": {"monitors": {"labels": {"a b": "c"}}}}, "'a b' does not match pattern"),
    ({"warehouse": {"accessMode": "ReadOnlyMany"}}, "/warehouse/accessMode"),
    ({"warehouse": {"existingClaim": "My Claim"}}, "/warehouse/existingClaim"),
]


@pytest.mark.parametrize(("values", "words"), REFUSED, ids=[json.dumps(values) for values, _ in REFUSED])
def test_what_cannot_work_is_refused_with_the_reason(values: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandFailed) as refused:
        template(values)
    assert words in str(refused.value)
