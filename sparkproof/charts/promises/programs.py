"""Promises of programs: what each container runs, what it is told, and which Secrets it is given."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import Object, Pod, View, differences, environment

Variables = dict[str, Any]
_REVEALING = re.compile(r"password|secret|token|access.?key|credential", re.IGNORECASE)


@promise("each container runs the program of its name, as its values say")
def _programs(view: View) -> Iterator[str]:
    for pod in view.running:
        for each in pod.containers:
            where, wanted = f"{pod.where}: {each.get('name')}", commands(view, str(each.get("name")))
            for field in ("command", "args"):
                found = each.get(field)
                if isinstance(expected := wanted.get(field), re.Pattern):
                    if not found or not expected.fullmatch(found[-1]) or found[:-1] != ["bash", "-c"]:
                        yield f"{where}: {field} is {found}; expected a shell's loop /{expected.pattern}/"
                elif found != expected:
                    yield f"{where}: {field} is {found}; expected {expected}"
            if each is pod.main and each.get("name") != pod.component:
                yield f"{where} is not named after {pod.component}"


def commands(view: View, container: str) -> Mapping[str, Any]:
    """The command and the arguments of a container; a pattern stands for a shell's loop that waits."""
    bucket = f"{view.values['bucket']['name']}/{view.values['eventLog']['prefix']}"
    ready = re.escape(f"--host {_database_host(view)} --port {_database_port(view)}")
    style = f"fs.s3a.path.style.access={str(view.store['pathStyle']).lower()}"
    known: dict[str, Mapping[str, Any]] = {
        "connect": {"args": ["connect"]},
        "client": {"args": ["sleep", "infinity"]},
        "submit": {"args": ["sleep", "infinity"]},
        "history-server": {"args": ["history"]},
        "hive-metastore": {"args": ["metastore", "--hiveconf", style]},
        "hive-schema": {"args": ["metastore-schema"]},
        "bucket": {"args": ["bucket", bucket]},
        "postgres": {"args": ["-c", f"max_connections={view.values['postgres']['maxConnections']}"]},
        "await-event-log": {"args": ["bucket", "--await", bucket]},
        "await-postgres": {"command": re.compile(rf"until pg_isready {ready}; do sleep [0-9.]+; done")},
        "await-schema": {
            "command": re.compile(r'until psql -qtAXc "SELECT 1 FROM \\"VERSION\\""; do sleep [0-9.]+; done')
        },
    }
    if view.standalone:
        master = view.address("master").partition(":")[0]
        url, worker = f"spark://{view.address('master')}", view.values["worker"]
        waits = rf"until /opt/sparkproof/standalone_answers\.py master {re.escape(master)}; do sleep [0-9.]+; done"
        known["await-master"] = {"args": re.compile(waits)}
        known["master"] = {"args": ["master", "--host", "$(POD_IP)", "--port", "7077", "--webui-port", "8080"]}
        known["worker"] = {
            "args": [
                *("worker", "--host", "$(POD_IP)", "--port", "7078", "--webui-port", "8081"),
                *("--cores", str(worker["cores"]), "--memory", worker["memory"]),
                *("--work-dir", "/opt/spark/work-dir", url),
            ]
        }
    return known.get(container, {})


@promise("what a program cannot start without is awaited before it starts")
def _awaited(view: View) -> Iterator[str]:
    logs, master = view.values["eventLog"]["enabled"], view.standalone
    wanted = {
        "connect": [*(["await-master"] if master else []), *(["await-event-log"] if logs else [])],
        "worker": ["await-master"],
        "history-server": ["await-event-log"],
        "hive-schema": ["await-postgres"],
        "hive-metastore": ["await-schema"],
        "rest-catalog": ["await-postgres"],
    }
    for pod in view.pods:
        found = [each.get("name") for each in pod.spec.get("initContainers", ())]
        if found != wanted.get(pod.component, []):
            yield f"{pod.where} awaits {found}; expected {wanted.get(pod.component, [])}"


@promise("each program is told where the others are, and what its values say")
def _told(view: View) -> Iterator[str]:
    for pod in view.pods:
        for each in pod.containers:
            yield from _compare(view, pod, each, lambda value: not _is_secret(value))


@promise("the value of a Secret is given by reference, to who needs it and to nobody else")
def _secrets(view: View) -> Iterator[str]:
    for pod in view.pods:
        for each in pod.containers:
            yield from _compare(view, pod, each, _is_secret)
        for volume in pod.spec.get("volumes", ()):
            if "secret" in volume and (pod.component, volume.get("name")) != ("postgres", "databases"):
                yield f"{pod.where} has the whole Secret {volume['secret'].get('secretName')} in a folder"


def _compare(view: View, pod: Pod, container: Object, concerns: Any) -> Iterator[str]:
    where = f"{pod.where}: {container.get('name')}"
    extra = {each["name"]: each.get("value", each.get("valueFrom")) for each in _extra(view, pod)}
    wanted = {name: value for name, value in (variables(view, pod, container) | extra).items() if concerns(value)}
    found = {name: value for name, value in environment(container).items() if concerns(value)}
    yield from differences(where, found, wanted)
    for name in sorted(set(found) - set(wanted)):
        yield f"{where} is given {name}, which it does not need"
    if container.get("envFrom"):
        yield f"{where} is given all that {container['envFrom']} has"


def _extra(view: View, pod: Pod) -> list[Any]:
    return list(view.of_component(pod.component).get("extraEnv", ()))


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and "secretKeyRef" in value


@promise("no ConfigMap, argument or plain variable holds a key, a token or a password")
def _revealed(view: View) -> Iterator[str]:
    for each in view.kind("ConfigMap"):
        for file, content in each.get("data", {}).items():
            for key in content if isinstance(content, dict) and not file.endswith("-pod.yaml") else ():
                if _REVEALING.search(key) and not key.startswith("spark.redaction"):
                    yield f"ConfigMap {each['metadata'].get('name')}: {key} is where all users of a session read it"
    names = {str(value) for value in _secret_names(view)}
    for pod in view.pods:
        for each in pod.containers:
            where = f"{pod.where}: {each.get('name')}"
            for name, value in environment(each).items():
                stranger = pod.where.endswith("-postgres-denied") and name == "PGPASSWORD"
                if isinstance(value, str) and not stranger and _reveals(name, value, names):
                    yield f"{where}: {name} holds its value in plain text"
            for argument in [*each.get("command", ()), *each.get("args", ())]:
                if re.search(r"\$\((\w*(PASSWORD|SECRET|TOKEN|KEY)\w*)\)", str(argument)):
                    yield f"{where}: an argument shows a Secret's value to all who list processes"


def _reveals(name: str, value: str, names: set[str]) -> bool:
    """Return True if a variable has its value in plain text, by its name or by what it holds."""
    if re.fullmatch(r".*authorization=Bearer%20\$\(SPARK_CONNECT_TOKEN\)", value):
        return False
    return bool(_REVEALING.search(name)) or any(each in value for each in names)


def _secret_names(view: View) -> Iterator[Any]:
    for values in (view.store, view.values["postgres"]):
        if values["existingSecret"]:
            yield f"name: {values['existingSecret']}"


def _ref(secret: Any, key: str) -> Any:
    return {"secretKeyRef": {"name": secret, "key": key}}


def _field(path: str) -> Any:
    return {"fieldRef": {"fieldPath": path}}


def _database_host(view: View) -> str:
    postgres = view.values["postgres"]
    return view.address("postgres").partition(":")[0] if postgres["enabled"] else postgres["host"]


def _database_port(view: View) -> int:
    postgres = view.values["postgres"]
    return 5432 if postgres["enabled"] else int(postgres["port"])


def store_address(view: View) -> str:
    """The URL of the object store; "" where there is none."""
    return f"http://{view.address('object-store')}" if view.store["enabled"] else str(view.store["endpoint"])


def database_url(view: View, database: str) -> str:
    """The JDBC address of a database."""
    return f"jdbc:postgresql://{_database_host(view)}:{_database_port(view)}/{database}"


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


def _remote(view: View) -> Variables:
    token = view.values["connect"]["authentication"]
    address = f"sc://{view.case.release}-connect:{view.values['connect']['port']}"
    if not token["existingSecret"]:
        return {"SPARK_REMOTE": address}
    proof = "/;authorization=Bearer%20$(SPARK_CONNECT_TOKEN)"
    return {"SPARK_CONNECT_TOKEN": _ref(token["existingSecret"], token["key"]), "SPARK_REMOTE": address + proof}


def _metastore_client(view: View) -> Variables:
    database = view.values["hiveMetastore"]["database"]
    return {
        "PGHOST": _database_host(view),
        "PGPORT": str(_database_port(view)),
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
    daemon = {"POD_IP": _field("status.podIP"), "SPARK_DAEMON_MEMORY": values.get("daemonMemory")}
    simple = {
        "client": lambda: _remote(view),
        "jupyter": lambda: {**_jupyter(view), **_remote(view)},
        "executor": lambda: _store(view),
        "driver": lambda: _session(view),
        "submit": lambda: _submission(view),
        "bucket": lambda: _store(view),
        "hive-schema": lambda: _metastore_client(view),
        "history-server": lambda: {"SPARK_DAEMON_MEMORY": values["memory"], **_store(view)},
        "master": lambda: daemon,
        "worker": lambda: {**daemon, **_store(view)},
        "connect": lambda: {**_own_token(view), **_session(view)},
        "object-store": lambda: _root_keys(view),
        "hive-metastore": lambda: _metastore(view),
        "rest-catalog": lambda: _rest_catalog(view),
    }
    return simple[pod.component]() if pod.component in simple else {}


def _of_test(view: View, pod: Pod, container: str) -> Variables:
    if container == "user" and pod.tests == "jupyter":
        return _jupyter(view)
    if pod.tests == "object-store" and container == "user":
        return _store(view)
    if pod.tests == "submit" and container == "submit":
        return _submission(view)
    if pod.tests == "postgres":
        user = _first_database(view)
        secret = _ref(view.values["postgres"]["existingSecret"], user)
        return {
            "PGHOST": _database_host(view),
            "PGUSER": user,
            "PGPASSWORD": secret if container == "user" else "another",
        }
    catalog = view.values["iceberg"]["catalogs"]["hive"]["enabled"]
    asks_spark = pod.tests in ("client", "connect", "executor", "worker", "warehouse") or (
        pod.tests == "hive-metastore" and catalog
    )
    return _remote(view) if container == "user" and asks_spark else {}


def _first_database(view: View) -> str:
    jdbc, rest = view.values["iceberg"]["catalogs"]["jdbc"], view.values["restCatalog"]
    found = jdbc if jdbc["enabled"] else rest if rest["enabled"] else view.values["hiveMetastore"]
    return str(found["database"])


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
