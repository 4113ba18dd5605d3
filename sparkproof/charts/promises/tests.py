"""Promises of `helm test`: each component is used, each refuses somebody, and each test would notice."""

from collections.abc import Iterator

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import Pod, View

_COMPONENTS = ("client", "connect", "executor", "worker", "master", "submit", "jupyter", "warehouse", "object-store",
               "postgres", "hive-metastore", "rest-catalog", "history-server", "mlflow", "airflow")  # fmt: skip

# They ask a Connect server.
_BY_CONNECT = {"executor-uses", "hive-metastore-uses", "warehouse-uses", "warehouse-denied", "worker-uses"}


@promise("each component is used by one test, and refuses somebody in another")
def _there(view: View) -> Iterator[str]:
    wanted = {f"{name}-{does}" for name in _COMPONENTS if view.enabled(name) for does in ("uses", "denied")}
    wanted |= {"driver-denied"} if view.enabled("driver") else set()
    wanted -= set() if view.enabled("connect") else _BY_CONNECT
    prefix = f"{view.name}-test-"
    found = {str(pod.metadata.get("name")).removeprefix(prefix) for pod in view.pods if pod.tests}
    for name in sorted(wanted ^ found):
        yield f"there is {'no' if name in wanted else 'a'} test {name}"


@promise("a test runs when it is asked for, once, and goes when it has passed")
def _hooks(view: View) -> Iterator[str]:
    for pod in filter(lambda each: each.tests, view.pods):
        annotations = pod.metadata.get("annotations", {})
        if annotations.get("helm.sh/hook") != "test":
            yield f"{pod.where} is no test: helm.sh/hook is {annotations.get('helm.sh/hook')}"
        policy = set(annotations.get("helm.sh/hook-delete-policy", "").split(","))
        if policy != {"before-hook-creation", "hook-succeeded"}:
            yield f"{pod.where} stays after `helm uninstall`: helm.sh/hook-delete-policy is {sorted(policy)}"
        if pod.spec.get("restartPolicy") != "Never":
            yield f"{pod.where} is tried until it passes: restartPolicy is {pod.spec.get('restartPolicy')}"
        if "terminationGracePeriodSeconds" in pod.spec:
            yield f"{pod.where} has a terminationGracePeriodSeconds"


def _host(view: View, component: str) -> str:
    return view.address(component).partition(":")[0]


def _pod(view: View) -> str:
    """The name of the master's pod itself, whose ports are open or not whatever its Services offer."""
    name = f"{view.name}-master"
    return f"{name}-0.{name}-headless.{view.case.namespace}.svc"


@promise("each test speaks with what it is about")
def _about(view: View) -> Iterator[str]:
    for pod in filter(lambda each: each.tests, view.pods):
        program = "\n".join(map(str, [*pod.main.get("command", ()), *pod.main.get("args", ())]))
        shell = pod.tests in ("postgres", "submit", "hive-metastore") or pod.where.endswith("object-store-uses")
        python = not shell or _asks(pod)
        if python and not program.startswith("python3\n-c\n"):
            yield f"{pod.where} runs no program of Python, but {program[:40]!r}"
        for words in _words(view, pod):
            if words not in program:
                yield f"{pod.where} does not ask {words!r}"


def _asks(pod: Pod) -> bool:
    return pod.main.get("name") == "account"


def _words(view: View, pod: Pod) -> list[str]:
    """What must stand in the program of a test for it to ask what it is about."""
    uses = pod.where.endswith("-uses")
    catalogs, bucket = view.values["iceberg"]["catalogs"], view.values["bucket"]["name"]
    if pod.main.get("name") == "account":
        return [f"/api/v1/namespaces/{view.case.namespace}/secrets", "refused.code == 403", "sys.exit("]
    if (
        uses
        and pod.main.get("name") == "user"
        and pod.tests in ("client", "connect", "executor", "worker", "warehouse")
    ):
        return ["must(", 'right(answer) or sys.exit("', "SparkSession.builder.getOrCreate()"]
    known = {
        "master": [f"http://{_host(view, 'master')}:8080/json/"]
        if uses
        else [f'("{_pod(view)}", 6066)', f'("{_pod(view)}", 7077)'],
        "jupyter": [f"http://{view.address('jupyter')}/api/contents"],
        "airflow": ["auth/token", '["status"] != "healthy"', f"http://{view.address('airflow')}"]
        if uses
        else [f"http://{view.address('airflow')}/api/v2/dags"],
        "history-server": [f"http://{view.address('history-server')}/api/v1/applications?limit=1"],
        "rest-catalog": [f"http://{view.address('rest-catalog')}/v1/config"],
        "mlflow": [
            f"http://{view.address('mlflow')}/api/2.0/mlflow/experiments/search?max_results=1",
            *([] if uses else ['headers={"Host": "made-up.example"}']),
        ],
        "object-store": [f"bucket\n--await\n{bucket}"] if uses else [f"http://{view.address('object-store')}/{bucket}"],
        "hive-metastore": [f"SHOW NAMESPACES IN {catalogs['hive']['name']}"] if catalogs["hive"]["enabled"] else [],
        "warehouse": [f"{catalogs['hadoop']['name']}."],
        "submit": ["exec spark-submit"],
        "postgres": ["psql\n", "\n--command\nSELECT "] if uses else ["psql ", "password authentication failed"],
    }
    return known.get(pod.tests, [])
