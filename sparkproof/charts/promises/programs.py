"""Promises of programs: what each container runs, what it is told, and which Secrets it is given."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.variables import database_host, database_port, database_url, variables
from sparkproof.charts.promises.view import Object, Pod, View, component_of, differences, environment

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
    ready = re.escape(f"--host {database_host(view)} --port {database_port(view)}")
    style = f"fs.s3a.path.style.access={str(view.store['pathStyle']).lower()}"
    known: dict[str, Mapping[str, Any]] = {
        "connect": {"args": ["connect"]},
        "airflow": {"args": ["api-server"]},
        "scheduler": {"args": ["scheduler"]},
        "dag-processor": {"args": ["dag-processor"]},
        "airflow-schema": {"args": ["db", "migrate"]},
        "metrics": {
            "command": [
                "/opt/sparkproof/statsd_exporter",
                *("--web.listen-address=:9102", "--web.telemetry-path=/metrics/"),
                *("--statsd.listen-udp=127.0.0.1:8125", "--statsd.listen-tcp="),
            ]
        },
        "client": {"args": ["sleep", "infinity"]},
        "submit": {"args": ["sleep", "infinity"]},
        "history-server": {"args": ["history"]},
        "hive-metastore": {
            "args": [
                *("metastore", "--hiveconf", style),
                # It gives back the locks of those who are gone.
                *("--hiveconf", "hive.compactor.initiator.on=true"),
                *("--hiveconf", "hive.support.concurrency=true"),
                *("--hiveconf", "hive.timedout.txn.reaper.interval=60s"),
                *("--hiveconf", "hive.txn.manager=org.apache.hadoop.hive.ql.lockmgr.DbTxnManager"),
            ]
        },
        "hive-schema": {"args": ["metastore-schema"]},
        "bucket": {"args": ["bucket", bucket]},
        "backup": {"args": ["make"]},
        "ingest": {"args": ["/opt/sparkproof/landing.py", "ingest"]},
        "ingest-counter": {"args": ["/opt/sparkproof/landing.py", "serve"]},
        "postgres": {"args": ["-c", f"max_connections={view.values['postgres']['maxConnections']}"]},
        "await-event-log": {"args": ["bucket", "--await", bucket]},
        "await-postgres": {"command": re.compile(rf"until pg_isready {ready}; do sleep [0-9.]+; done")},
        "await-schema": {
            "command": re.compile(r'until psql -qtAXc "SELECT 1 FROM \\"VERSION\\""; do sleep [0-9.]+; done')
        },
    }
    if view.enabled("mlflow"):
        address = database_url(view, view.values["mlflow"]["database"], "postgresql+psycopg2")
        known["migrate"] = {"command": ["mlflow", "db", "upgrade", address]}
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


@promise("each pod has the programs that its component is made of, and no others")
def _together(view: View) -> Iterator[str]:
    for pod in view.running:
        wanted = [pod.component]
        if pod.component == "airflow":
            wanted += ["dag-processor", "scheduler", *(["metrics"] if view.values["monitoring"]["enabled"] else [])]
        found = [each.get("name") for each in pod.spec.get("containers", ())]
        if sorted(map(str, found)) != sorted(wanted):
            yield f"{pod.where} runs {found}; expected {wanted}"


@promise("Airflow reads each DAG once, though a volume of a ConfigMap has links back into it")
def _dags(view: View) -> Iterator[str]:
    for each in view.kind("ConfigMap"):
        if component_of(each) == "airflow" and each.get("data") != {".airflowignore": "..*\n"}:
            yield f"Airflow is told to leave out {each.get('data')}; expected what begins with two dots"


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
        "mlflow": ["await-postgres", "migrate"],
        "airflow": ["await-postgres", "airflow-schema"],
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
            yield from _too_late(f"{pod.where}: {each.get('name')}", each)


def _too_late(where: str, container: Object) -> Iterator[str]:
    """Yield the variables whose value names one that comes after them, or none: Kubernetes leaves its name as it is."""
    known = set[str]()
    for each in container.get("env", ()):
        for named in re.findall(r"\$\((\w+)\)", str(each.get("value", ""))):
            if named not in known:
                yield f"{where}: {each['name']} names {named}, which is not known before it"
        known.add(each.get("name", ""))


@promise("the value of a Secret is given by reference, to who needs it and to nobody else")
def _secrets(view: View) -> Iterator[str]:
    for pod in view.pods:
        for each in pod.containers:
            yield from _compare(view, pod, each, _is_secret)
        for volume in pod.spec.get("volumes", ()):
            if "secret" in volume and not (
                pod.component in ("backup", "postgres") and volume.get("name") == "databases"
            ):
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
