"""The environment variables that each container needs for its work, by component."""

from typing import Any

from sparkproof.charts.promises.view import Object, Pod, View

Variables = dict[str, Any]


def _ref(secret: Any, key: str) -> Any:
    return {"secretKeyRef": {"name": secret, "key": key}}


def _field(path: str) -> Any:
    return {"fieldRef": {"fieldPath": path}}


def database_host(view: View) -> str:
    """The host of the database, the platform's own or another."""
    postgres = view.values["postgres"]
    return view.address("postgres").partition(":")[0] if postgres["enabled"] else postgres["host"]


def database_port(view: View) -> int:
    """The port of the database, the platform's own or another."""
    postgres = view.values["postgres"]
    return 5432 if postgres["enabled"] else int(postgres["port"])


def spark_image(view: View) -> str:
    """The image of Spark that the values say."""
    image = view.values["image"]
    tags = view.case.chart.images(str(view.values["sparkVersion"]))
    tag = image["tag"] or tags["gpuTag" if view.values["gpu"]["enabled"] else "tag"]
    return f"{image['registry']}/{image['repository']}" + (f"@{image['digest']}" if image["digest"] else f":{tag}")


def store_address(view: View) -> str:
    """The URL of the object store; "" where there is none."""
    return f"http://{view.address('object-store')}" if view.store["enabled"] else str(view.store["endpoint"])


def database_url(view: View, database: str, scheme: str = "jdbc:postgresql") -> str:
    """The address of a database, JDBC's or one of another scheme."""
    return f"{scheme}://{database_host(view)}:{database_port(view)}/{database}"


def _store(view: View) -> Variables:
    if not (address := store_address(view)):
        return {}
    secret = view.store["existingSecret"]
    keys = {key: _ref(secret, key) for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if secret}
    return {"AWS_ENDPOINT_URL_S3": address, "AWS_REGION": view.store["region"], **keys}


def _session(view: View) -> Variables:
    """The variables of who runs users' programs."""
    jdbc = view.values["iceberg"]["catalogs"]["jdbc"]
    password = _ref(view.values["postgres"]["existingSecret"], jdbc["database"])
    return {**_store(view), **({"POSTGRES_PASSWORD": password} if jdbc["enabled"] else {})}


def _remote(view: View, variable: str = "SPARK_REMOTE", *parts: str) -> Variables:
    token = view.values["connect"]["authentication"]
    address = f"sc://{view.name}-connect:{view.values['connect']['port']}"
    proof = ["authorization=Bearer%20$(SPARK_CONNECT_TOKEN)"] if token["existingSecret"] else []
    told = "".join(["/", *(f";{each}" for each in (*parts, *proof))]) if [*parts, *proof] else ""
    given = {"SPARK_CONNECT_TOKEN": _ref(token["existingSecret"], token["key"])} if proof else {}
    return {**given, variable: address + told}


def _metastore_client(view: View) -> Variables:
    database = view.values["hiveMetastore"]["database"]
    return {
        "PGHOST": database_host(view),
        "PGPORT": str(database_port(view)),
        "PGDATABASE": database,
        "PGUSER": database,
        "PGPASSWORD": _ref(view.values["postgres"]["existingSecret"], database),
    }


def variables(view: View, pod: Pod, container: Object) -> Variables:
    """What a container has to be told for its work, and nothing beside it."""
    name, values = str(container.get("name")), view.of_component(pod.component)
    if pod.tests:
        return _of_test(view, pod, name)
    if name.startswith("await-"):
        return {"await-event-log": _store(view), "await-schema": _metastore_client(view)}.get(name, {})
    if pod.component == "airflow":
        return _airflow(view, name)
    if name == "migrate":
        return _mlflow_user(view)
    daemon = {"POD_IP": _field("status.podIP"), "SPARK_DAEMON_MEMORY": values.get("daemonMemory")}
    simple = {
        "client": lambda: {**_remote(view), **_tracking(view, "client")},
        "jupyter": lambda: {**_jupyter(view), **_remote(view)},
        "executor": lambda: _store(view),
        "driver": lambda: _session(view),
        "submit": lambda: {**_submission(view), **_tracking(view, "submit")},
        "bucket": lambda: _store(view),
        "backup": lambda: _backup(view),
        "ingest": lambda: {**_landing(view), **_ingest(view)},
        "ingest-counter": lambda: {**_landing(view), **_key(view)},
        "hive-schema": lambda: _metastore_client(view),
        "history-server": lambda: {"SPARK_DAEMON_MEMORY": values["memory"], **_store(view)},
        "master": lambda: daemon,
        "worker": lambda: {**daemon, **_store(view)},
        "connect": lambda: {**_own_token(view), **_session(view)},
        # A request that is signed for another region than the server's is refused.
        "object-store": lambda: {**_root_keys(view), "VGW_REGION": view.store["region"]},
        "hive-metastore": lambda: _metastore(view),
        "rest-catalog": lambda: _rest_catalog(view),
        "mlflow": lambda: _mlflow(view),
    }
    return simple[pod.component]() if pod.component in simple else {}


def _of_test(view: View, pod: Pod, container: str) -> Variables:
    if container == "user" and pod.tests == "jupyter":
        return _jupyter(view)
    if container == "user" and pod.tests == "airflow":
        secret = view.values["airflow"]["authentication"]["existingSecret"]
        return {"AIRFLOW_PASSWORD": _ref(secret, view.values["airflow"]["users"][0]["name"])}
    if pod.tests == "object-store" and container == "user":
        return _store(view)
    if pod.tests == "submit" and container == "submit":
        return _submission(view)
    if pod.tests == "postgres":
        user = _first_database(view)
        secret = _ref(view.values["postgres"]["existingSecret"], user)
        return {
            "PGHOST": database_host(view),
            "PGUSER": user,
            "PGPASSWORD": secret if container == "user" else "another",
        }
    catalog = view.values["iceberg"]["catalogs"]["hive"]["enabled"]
    asks_spark = pod.tests in ("client", "connect", "executor", "worker", "warehouse") or (
        pod.tests == "hive-metastore" and catalog
    )
    return _remote(view) if container == "user" and asks_spark else {}


def _first_database(view: View) -> str:
    known = [
        view.values["iceberg"]["catalogs"]["jdbc"],
        view.values["restCatalog"],
        view.values["hiveMetastore"],
        view.values["mlflow"],
    ]
    return str(next((each for each in known if each["enabled"]), view.values["airflow"])["database"])


def _own_token(view: View) -> Variables:
    token = view.values["connect"]["authentication"]
    secret = token["existingSecret"]
    return {"SPARK_CONNECT_AUTHENTICATE_TOKEN": _ref(secret, token["key"])} if secret else {}


def _jupyter(view: View) -> Variables:
    token = view.values["jupyter"]["authentication"]
    return {"JUPYTER_TOKEN": _ref(token["existingSecret"], token["key"])}


def _submission(view: View) -> Variables:
    own = {"POD_NAME": _field("metadata.name"), "SPARK_LOCAL_HOSTNAME": _field("status.podIP")}
    return {**own, **_session(view)}


def _root_keys(view: View) -> Variables:
    secret = view.store["existingSecret"]
    keys = {"ROOT_ACCESS_KEY": "AWS_ACCESS_KEY_ID", "ROOT_SECRET_KEY": "AWS_SECRET_ACCESS_KEY"}
    return {name: _ref(secret, key) for name, key in keys.items()}


def _metastore(view: View) -> Variables:
    values = view.values["hiveMetastore"]
    database, catalog = values["database"], view.values["iceberg"]["catalogs"]["hive"]
    return {
        "METASTORE_DATABASE_URL": database_url(view, database),
        "METASTORE_DATABASE_USER": database,
        "METASTORE_DATABASE_PASSWORD": _ref(view.values["postgres"]["existingSecret"], database),
        "METASTORE_WAREHOUSE": f"s3a://{view.values['bucket']['name']}/{catalog['name']}",
        "SPARK_DRIVER_MEMORY": values["memory"],
        **_store(view),
    }


def _backup(view: View) -> Variables:
    values, style = view.values["backup"], "path" if view.store["pathStyle"] else "virtual"
    server = {"PGHOST": database_host(view), "PGPORT": str(database_port(view))}
    own = {**server, "KEEP": str(values["keep"]), "MAX_AGE_HOURS": str(values["maxAgeHours"])}
    store = _store(view)
    return {**own, **({"BUCKET": view.values["bucket"]["name"], "ADDRESSING": style} if store else {}), **store}


def _landing(view: View) -> Variables:
    return {"BUCKET": view.values["bucket"]["name"], "LANDING": view.values["ingest"]["prefix"], **_store(view)}


def _ingest(view: View) -> Variables:
    values = view.values["ingest"]
    return {"DONE": values["donePrefix"], "TABLE": values["table"], **_remote(view)}


def _key(view: View) -> Variables:
    proof = view.values["ingest"]["authentication"]
    return {"LANDING_KEY": _ref(proof["existingSecret"], proof["key"])}


def _rest_catalog(view: View) -> Variables:
    values = view.values["restCatalog"]
    database, catalog = values["database"], view.values["iceberg"]["catalogs"]["rest"]
    return {
        "JAVA_TOOL_OPTIONS": f"-Xmx{values['memory']}",
        "CATALOG_CATALOG__IMPL": "org.apache.iceberg.jdbc.JdbcCatalog",
        "CATALOG_URI": database_url(view, database),
        "CATALOG_JDBC_USER": database,
        "CATALOG_JDBC_PASSWORD": _ref(view.values["postgres"]["existingSecret"], database),
        "CATALOG_JDBC_SCHEMA__VERSION": "V1",
        "CATALOG_WAREHOUSE": f"s3://{view.values['bucket']['name']}/{catalog['name']}",
        "CATALOG_IO__IMPL": "org.apache.iceberg.aws.s3.S3FileIO",
        "CATALOG_S3_ENDPOINT": store_address(view),
        "CATALOG_S3_PATH__STYLE__ACCESS": str(view.store["pathStyle"]).lower(),
        "CATALOG_CLIENT_REGION": view.store["region"],
        **_store(view),
    }


def _tracking(view: View, component: str) -> Variables:
    found = component in view.tracking
    return {"MLFLOW_TRACKING_URI": f"http://{view.name}-mlflow:5000"} if found else {}


def _mlflow_user(view: View) -> Variables:
    database = view.values["mlflow"]["database"]
    return {"PGUSER": database, "PGPASSWORD": _ref(view.values["postgres"]["existingSecret"], database)}


def _mlflow(view: View) -> Variables:
    values, name = view.values["mlflow"], f"{view.name}-mlflow"
    of_service = [name, f"{name}.{view.case.namespace}", f"{name}.{view.case.namespace}.svc"]
    hosts = [*of_service, "localhost", "127.0.0.1", *values["allowedHosts"]]
    return {
        "MLFLOW_BACKEND_STORE_URI": database_url(view, values["database"], "postgresql+psycopg2"),
        "MLFLOW_ARTIFACTS_DESTINATION": f"s3://{view.values['bucket']['name']}/{values['prefix']}",
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(f"{host},{host}:*" for host in hosts),
        "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE": "path" if view.store["pathStyle"] else "virtual",
        "AWS_DEFAULT_REGION": view.store["region"],
        **_mlflow_user(view),
        **_store(view),
    }


def _passwords(view: View) -> Variables:
    values = view.values["airflow"]
    names = [each["name"] for each in values["users"]]
    return {f"PASSWORD_OF_{name}": _ref(values["authentication"]["existingSecret"], name) for name in names}


def _airflow(view: View, program: str) -> Variables:
    values = view.values["airflow"]
    database, proof = values["database"], values["authentication"]
    found = {
        "AIRFLOW_SECRET": _ref(proof["existingSecret"], proof["key"]),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url(view, database, "postgresql+psycopg2"),
        "PGUSER": database,
        "PGPASSWORD": _ref(view.values["postgres"]["existingSecret"], database),
        "AIRFLOW__METRICS__STATSD_ON": str(view.values["monitoring"]["enabled"]).lower(),
        "AIRFLOW__CORE__PARALLELISM": str(values["parallelism"]),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{each['name']}:{each['role']}" for each in values["users"]
        ),
    }
    if program == "airflow":
        return {**found, **_passwords(view)}
    if program == "metrics":
        return {}
    if program != "scheduler":
        return found
    # Tasks run in the scheduler's container, and nobody else asks Spark or starts pods.
    starts = {"AIRFLOW_VAR_SPARK_IMAGE": spark_image(view)} if values["startsPods"] else {}
    submits = _submission(view) if view.submits_by_airflow else {}
    return {**found, **_remote(view, "SPARK_CONNECT_URL", "user_id=airflow"), **starts, **submits}
