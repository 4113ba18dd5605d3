"""The services beside Spark (object store, PostgreSQL, metastore, REST catalog, History Server), and who uses them."""

from typing import Any

import pytest

from tests.support.rendering import CHART, Refused, Rendering, template

ICEBERG = CHART / "presets" / "iceberg-values.yaml"
STORE = {"objectStore": {"endpoint": "https://s3.example:9000", "existingSecret": "keys"}}
KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@pytest.fixture(scope="module")
def lakehouse() -> Rendering:
    return template(presets=[ICEBERG])


def references(node: Any) -> set[tuple[str, str]]:
    """The (Secret, key) pairs that `node` takes values from."""
    found = {(node["secretKeyRef"]["name"], node["secretKeyRef"]["key"])} if "secretKeyRef" in node else set()
    inner = node.values() if isinstance(node, dict) else node
    return found.union(*(references(each) for each in inner if isinstance(each, dict | list)))


def test_who_uses_the_object_store_has_its_keys_and_nobody_else(lakehouse: Rendering) -> None:
    users = {component for component, pod in lakehouse.pods.items() if {key for _, key in references(pod)} >= KEYS}
    services = {"object-store", "bucket", "hive-metastore", "rest-catalog", "history-server"}
    assert users == {"connect", "executor", *services}


def test_each_service_knows_the_password_of_its_own_database_alone(lakehouse: Rendering) -> None:
    known = {
        component: {key for secret, key in references(pod) if secret == "postgres"}
        for component, pod in lakehouse.pods.items()
    }
    assert {component: keys for component, keys in known.items() if keys} == {
        "connect": {"jdbc"},
        "hive-metastore": {"metastore"},
        "hive-schema": {"metastore"},
        "rest-catalog": {"rest"},
    }


def test_no_setting_tells_a_key_or_a_password(lakehouse: Rendering) -> None:
    told = [each["data"] for each in lakehouse.objects if each["kind"] == "ConfigMap"]
    assert len(told) == 2
    assert not any(word in str(told).lower() for word in ("password", "secret.key", "access.key", "access-key"))
    assert not [each for each in lakehouse.objects if each["kind"] == "Secret"]


def test_each_catalog_has_its_own_folder_and_finds_its_service(lakehouse: Rendering) -> None:
    settings = lakehouse.configuration
    catalogs = {name.removeprefix("spark.sql.catalog.") for name in settings if name.startswith("spark.sql.catalog.")}
    assert {name for name in catalogs if "." not in name} == {"lake", "hive", "rest", "jdbc"}
    own = {kind: f"spark.sql.catalog.{kind}" for kind in ("hive", "rest", "jdbc")}
    assert {settings[f"{prefix}.warehouse"] for prefix in own.values()} == {f"s3://lakehouse/{kind}" for kind in own}
    hosts = {"hive": "hive-metastore", "rest": "rest-catalog", "jdbc": "postgres"}
    for kind, host in hosts.items():
        service = lakehouse.get("Service", f"spark-{host}")
        assert f"//spark-{host}.team.svc:{service['spec']['ports'][0]['port']}" in settings[f"{own[kind]}.uri"]


def test_the_catalogs_in_a_database_know_views(lakehouse: Rendering) -> None:
    assert lakehouse.configuration["spark.sql.catalog.jdbc.jdbc.schema-version"] == "V1"
    env = lakehouse.pods["rest-catalog"]["spec"]["containers"][0]["env"]
    assert {"name": "CATALOG_JDBC_SCHEMA__VERSION", "value": "V1"} in env


def test_a_driver_outlives_a_restart_of_its_database(lakehouse: Rendering) -> None:
    assert lakehouse.configuration["spark.sql.catalog.jdbc.retryable_status_codes"] == "57P01,57P02,57P03"


def test_the_drivers_log_is_where_the_history_server_reads(lakehouse: Rendering) -> None:
    settings = lakehouse.configuration
    lines = lakehouse.get("ConfigMap", "spark-history-server")["data"]["spark-defaults.conf"].splitlines()
    assert f"spark.history.fs.logDirectory={settings['spark.eventLog.dir']}" in lines
    # Spark 3.5 and 4.1 have other defaults for these.
    assert {settings[f"spark.eventLog.{name}"] for name in ("enabled", "rolling.enabled", "compress")} == {"true"}
    [job] = [
        each for each in lakehouse.objects if each["metadata"]["name"].startswith("spark-bucket-") if "spec" in each
    ]
    assert settings["spark.eventLog.dir"] == f"s3a://{job['spec']['template']['spec']['containers'][0]['args'][1]}"


def jobs(values: dict[str, Any]) -> dict[str, str]:
    """The names of the Jobs, by component."""
    made = [each["metadata"] for each in template(values, presets=[ICEBERG]).objects if each["kind"] == "Job"]
    return {each["labels"]["app.kubernetes.io/component"]: each["name"] for each in made}


@pytest.mark.parametrize(
    ("values", "others"),
    [
        ({"connect": {"memory": "1500m"}}, []),
        ({"image": {"tag": "another"}}, ["bucket"]),
        ({"hiveMetastore": {"database": "another"}}, ["hive-schema"]),
        ({"commonLabels": {"team": "data"}}, ["bucket", "hive-schema"]),
    ],
    ids=str,
)
def test_a_job_that_does_other_work_has_another_name_since_none_can_be_changed(
    values: dict[str, Any], others: list[str]
) -> None:
    usual = jobs({})
    assert set(usual) == {"bucket", "hive-schema"}
    assert sorted(component for component, name in jobs(values).items() if name != usual[component]) == others


def test_a_store_that_is_there_already_is_used_and_none_is_run() -> None:
    rendering = template({**STORE, "eventLog": {"enabled": True}})
    assert rendering.configuration["spark.hadoop.fs.s3a.endpoint"] == "https://s3.example:9000"
    assert ("keys", "AWS_ACCESS_KEY_ID") in references(rendering.pods["executor"])
    assert not [each for each in rendering.objects if each["metadata"]["name"] == "spark-object-store"]
    assert [each for each in rendering.objects if each["kind"] == "Job"]


def test_a_database_server_that_is_there_already_is_used_and_none_is_run() -> None:
    rendering = template(
        {
            **STORE,
            "postgres": {"host": "db.example", "port": 6432, "existingSecret": "passwords"},
            "restCatalog": {"enabled": True},
        }
    )
    env = rendering.pods["rest-catalog"]["spec"]["containers"][0]["env"]
    assert {"name": "CATALOG_URI", "value": "jdbc:postgresql://db.example:6432/rest"} in env
    assert "postgres" not in rendering.pods


def test_data_is_kept_when_the_owner_asks() -> None:
    kept = template(
        {component: {"persistence": {"keep": True}} for component in ("objectStore", "postgres")}, [ICEBERG]
    )
    for name in ("spark-object-store", "spark-postgres"):
        claim = kept.get("PersistentVolumeClaim", name)
        assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_without_services_nothing_of_them_is_left() -> None:
    assert not [word for word in ("postgres", "s3", "history", "metastore", "AWS_") if word in template().text]


REFUSED = [
    ({"objectStore": {"enabled": True}}, "The object store has no keys"),
    ({"objectStore": {**STORE["objectStore"], "enabled": True}}, "leave one of them out"),
    ({"postgres": {"enabled": True}}, "The databases have no passwords"),
    ({"postgres": {"enabled": True, "host": "db", "existingSecret": "a"}}, "leave one of them out"),
    ({"eventLog": {"enabled": True}}, "Event logs are kept in an object store"),
    ({"historyServer": {"enabled": True}}, "Event logs are kept in an object store"),
    ({"iceberg": {"catalogs": {"hive": {"enabled": True}}}}, "has no metastore"),
    ({"iceberg": {"catalogs": {"rest": {"enabled": True}}}}, "has no server"),
    ({**STORE, "iceberg": {"catalogs": {"jdbc": {"enabled": True}}}}, "Iceberg's jdbc catalog keeps its state in"),
    ({**STORE, "restCatalog": {"enabled": True}}, "The REST catalog keeps its state in PostgreSQL"),
    (
        {"iceberg": {"catalogs": {"hive": {"enabled": True, "uri": "thrift://h:9083"}}}},
        "keeps its tables in an object store",
    ),
    *[
        (
            {
                **STORE,
                "iceberg": {
                    "catalogs": {"hive": {"enabled": True, "uri": "thrift://h:9083", "metastoreVersion": version}}
                },
            },
            "cannot use a Hive Metastore of 4.0.1 or later",
        )
        for version in ("4.0.1", "4.1")
    ],
]


@pytest.mark.parametrize(("values", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_cannot_work_is_refused_with_the_reason(values: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refused:
        template(values)
    assert words in str(refused.value)


@pytest.mark.parametrize("version", ["3.1.3", "2.3.10", "4.0.0"])
def test_a_metastore_that_iceberg_can_use_is_taken(version: str) -> None:
    hive = {"enabled": True, "uri": "thrift://h:9083", "metastoreVersion": version}
    rendering = template({**STORE, "iceberg": {"catalogs": {"hive": hive}}})
    assert rendering.configuration["spark.sql.catalog.hive.uri"] == "thrift://h:9083"
