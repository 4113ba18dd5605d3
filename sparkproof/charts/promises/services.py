"""Promises of Services and probes: who is found where, and who says that a program works."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import Object, Pod, View, component_of, differences

# The ports of each component's Service, and what is spoken there, where that is more than TCP.
_PROTOCOLS = {"connect": "kubernetes.io/h2c", "s3": "http", "http": "http", "jupyter": "http"}
_PORTS: dict[str, dict[str, int]] = {
    "object-store": {"s3": 7070},
    "postgres": {"postgres": 5432},
    "hive-metastore": {"thrift": 9083},
    "rest-catalog": {"http": 8181},
    "history-server": {"ui": 18080},
    "jupyter": {"jupyter": 8888},
    "mlflow": {"http": 5000},
    "airflow": {"http": 8080},
    "ingest-counter": {"http": 8080},
    "master": {"cluster": 7077, "ui": 8080},
}
# What only those call who need one pod and not any; Prometheus would count what two Services offer twice.
_HEADLESS: dict[str, dict[str, int]] = {
    "connect": {"driver": 7078, "block-manager": 7079, "ui": 4040},
    "master": {"cluster": 7077},
    "worker": {"ui": 8081},
    "object-store": {"s3": 7070},
    "postgres": {"postgres": 5432},
}


@promise("a Service is for the cluster only, and selects the pods of one component")
def _services(view: View) -> Iterator[str]:
    wanted = {(name, False) for name in (*_PORTS, "connect") if view.enabled(name)}
    wanted |= {(name, True) for name in _HEADLESS if view.enabled(name)}
    found = {(component_of(each), _headless(each)) for each in view.kind("Service")}
    for component, headless in sorted(wanted ^ found):
        missing = "lacks" if (component, headless) in wanted else "has"
        yield f"{component} {missing} a {'headless ' if headless else ''}Service"
    for each in view.kind("Service"):
        component, spec = component_of(each), each.get("spec", {})
        where = f"Service {each['metadata'].get('name')}"
        name = f"{view.name}-{component}" + ("-headless" if _headless(each) else "")
        yield from differences(where, each["metadata"], {"name": name})
        kind = None if _headless(each) else "ClusterIP"
        if spec.get("type") != kind:
            yield f"{where} is of type {spec.get('type')}; it is for the cluster only"
        selector = spec.get("selector", {})
        labels = [pod.metadata.get("labels", {}) for pod in view.pods if pod.component == component]
        chosen = {pod.component for pod in view.pods if _selects(selector, pod)}
        if chosen != {component} or not all(selector.items() <= each.items() for each in labels):
            yield f"{where} selects {sorted(chosen) or 'nobody'} by {selector}; it is the Service of {component}"
        names = {f"app.kubernetes.io/{label}" for label in ("name", "instance", "component")}
        if set(selector) != names:
            yield f"{where} selects by {sorted(selector)}; expected {sorted(names)}"
        beside = set(spec) - {"type", "clusterIP", "publishNotReadyAddresses", "selector", "ports"}
        if beside:
            yield f"{where} has {sorted(beside)}, which a Service inside the cluster does not need"


def _headless(service: Object) -> bool:
    return bool(service.get("metadata", {}).get("name", "").endswith("-headless"))


def _selects(selector: Any, pod: Pod) -> bool:
    return bool(selector.items() <= {**pod.metadata.get("labels", {})}.items())


@promise("pods are found by name before they are ready")
def _headless_services(view: View) -> Iterator[str]:
    for each in view.kind("Service"):
        if _headless(each):
            wanted = {"clusterIP": "None", "publishNotReadyAddresses": True}
            yield from differences(f"Service {each['metadata'].get('name')}", each.get("spec", {}), wanted)
        elif "clusterIP" in each.get("spec", {}) or "publishNotReadyAddresses" in each.get("spec", {}):
            yield f"Service {each['metadata'].get('name')} sends users to pods that are not ready"
    for each in view.kind("StatefulSet"):
        name = f"{view.name}-{component_of(each)}-headless"
        yield from differences(
            f"StatefulSet {each['metadata'].get('name')}", each.get("spec", {}), {"serviceName": name}
        )


@promise("each port of a Service is one that its pods open")
def _ports(view: View) -> Iterator[str]:
    for each in view.kind("Service"):
        component = component_of(each)
        own = {"connect": {"connect": view.values["connect"]["port"]}, **_PORTS}
        wanted = (_HEADLESS if _headless(each) else own).get(component, {})
        offered = each.get("spec", {}).get("ports", ())
        where = f"Service {each['metadata'].get('name')}"
        if {port.get("name"): port.get("port") for port in offered} != wanted:
            yield f"{where} offers {[(port.get('name'), port.get('port')) for port in offered]}; expected {wanted}"
        for port in offered:
            opened = [pod.ports.get(port.get("name")) for pod in view.pods_of(component)]
            target = port.get("targetPort", port.get("port"))
            if target not in (port.get("name"), port.get("port")) or any(given != port.get("port") for given in opened):
                yield f"{where}: {port.get('name')} leads to {target}; its pods open {opened}"
            spoken = "http" if component == "history-server" else _PROTOCOLS.get(str(port.get("name")))
            if port.get("appProtocol") != spoken or port.get("protocol", "TCP") != "TCP":
                yield f"{where}: {port.get('name')} is said to speak {port.get('appProtocol')}; expected {spoken}"


def _http(path: str, port: str) -> Object:
    return {"httpGet": {"path": path, "port": port}}


def _tcp(port: str) -> Object:
    return {"tcpSocket": {"port": port}}


def _run(*command: str) -> Object:
    return {"exec": {"command": list(command)}}


def _of_airflow(program: str) -> tuple[Object, Object, Object]:
    """What a program of Airflow's pod is asked: by the answer's words, since its status is always 200."""
    answers = "/opt/sparkproof/airflow_answers.py"
    if program == "airflow":
        asks = _run(answers, "metadatabase")
        return asks, asks, _http("/api/v2/monitor/health", "http")
    if program == "metrics":
        return *(_http("/-/ready", "metrics"),) * 2, _http("/-/healthy", "metrics")
    asks = _run(answers, program.replace("-", "_"))
    return asks, asks, _run(answers, program.replace("-", "_"), "--or-silent")


def questions(view: View, component: str) -> tuple[Object, Object, Object] | None:
    """What a component is asked when it starts, before users are sent to it, and to know that it lives."""
    same = {
        "object-store": _http("/health", "s3"),
        "rest-catalog": _http("/v1/config", "http"),
        "history-server": _http("/api/v1/applications?limit=1", "ui"),
        "jupyter": _http("/api", "jupyter"),
        "ingest-counter": _http("/health", "http"),
    }
    if component in same:
        return (same[component],) * 3
    if component == "connect":
        asks = _run("/opt/sparkproof/connect_answers.py", str(view.values["connect"]["port"]))
        return _tcp("connect"), asks, asks
    if component in ("master", "worker"):
        return _tcp("ui"), _run("/opt/sparkproof/standalone_answers.py", component), _http("/json/", "ui")
    if component == "postgres":
        listens = _run("pg_isready", "--quiet", "--host", "127.0.0.1")
        return listens, listens, _run("psql", "-qtAXc", "SELECT 1")
    if component == "mlflow":
        # The kubelet calls the pod's address, which is no name of the server.
        name = {"name": "Host", "value": f"{view.name}-mlflow"}
        asks = _http("/api/2.0/mlflow/experiments/search?max_results=1", "http")
        asks["httpGet"]["httpHeaders"] = [name]
        return asks, asks, _http("/health", "http")
    if component == "hive-metastore":
        program = "/opt/sparkproof/metastore_answers.py"
        return _tcp("thrift"), _run(program, "get_all_databases"), _run(program, "getStatus")
    return None


@promise("a program that others use is asked whether it works, by a question that it must answer")
def _probes(view: View) -> Iterator[str]:
    for pod in view.pods:
        own = questions(view, pod.component)
        for each in pod.containers:
            wanted = (own if each is pod.main else None) or (None,) * 3
            if pod.component == "airflow" and each in pod.spec.get("containers", ()):
                wanted = _of_airflow(str(each.get("name")))
            for probe, question in zip(("startupProbe", "readinessProbe", "livenessProbe"), wanted, strict=True):
                found = {
                    key: value
                    for key, value in each.get(probe, {}).items()
                    if key in ("exec", "httpGet", "tcpSocket", "grpc")
                }
                if found != (question or {}):
                    yield f"{pod.where}: the {probe} of {each.get('name')} asks {found}; expected {question}"


@promise("a program has time to start, and one that hangs is found")
def _patience(view: View) -> Iterator[str]:
    for pod, each in ((one, each) for one in view.pods for each in one.spec.get("containers", ())):
        for kind, (per_s, waits_s, gives_up_s) in {
            "startupProbe": ((1, 2), (1, 2), (60, 240)),
            "readinessProbe": ((5, 15), (5, 10), (15, 60)),
            "livenessProbe": ((30, 60), (10, 30), (60, 240)),
        }.items():
            if not (probe := each.get(kind)):
                continue
            period, tries = probe.get("periodSeconds", 10), probe.get("failureThreshold", 3)
            # Airflow's Python takes a second before it asks.
            slowly = kind == "startupProbe" and pod.component == "airflow" and "exec" in probe
            for what, seconds, (least, most) in (
                ("asks each", period, per_s),
                ("waits", probe.get("timeoutSeconds", 1), (2, 2) if slowly else waits_s),
                ("gives up after", period * tries, gives_up_s),
                ("begins after", probe.get("initialDelaySeconds", 0), (0, 10)),
            ):
                if not least <= seconds <= most:
                    who = f"{pod.where}: the {kind} of {each.get('name')}"
                    yield f"{who} {what} {seconds} s; expected {least} to {most}"
            if beside := set(probe) - {"exec", "httpGet", "tcpSocket", "grpc", "periodSeconds", "failureThreshold",
                                       "timeoutSeconds", "initialDelaySeconds"}:  # fmt: skip
                yield f"{pod.where}: the {kind} of {each.get('name')} has {sorted(beside)}"


@promise("each container opens the ports by which others find it, and no others")
def _opened(view: View) -> Iterator[str]:
    for pod in view.pods:
        own = {"connect": {"connect": view.values["connect"]["port"]}, **_PORTS}
        wanted = {**own.get(pod.component, {}), **_HEADLESS.get(pod.component, {})}
        if pod.component == "worker":
            wanted["worker"] = 7078
        for each in pod.containers:
            found = {port.get("name"): port.get("containerPort") for port in each.get("ports", ())}
            expected = wanted if each is pod.main and not pod.tests else {}
            if each.get("name") == "metrics":
                expected = {"metrics": 9102}
            if found != expected:
                yield f"{pod.where}: {each.get('name')} opens {found}; expected {expected}"
            if any(set(port) - {"name", "containerPort"} for port in each.get("ports", ())):
                yield f"{pod.where}: {each.get('name')} opens a port of its node"
