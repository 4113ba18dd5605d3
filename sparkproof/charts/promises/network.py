"""Promises of the network: who reaches whom where network policies are on."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import COMPONENT, View, component_of

_ANY = "1024-65535"
_STORE, _DATABASE = [7070], [5432]
_RUNS_PROGRAMS = ("connect", "driver", "submit", "worker", "test")
# Who works on what the policies' `egress` names: those that run users' programs, and services on a store elsewhere.
_ELSEWHERE = ("connect", "driver", "submit", "test", "executor", "worker", "bucket", "backup", "hive-metastore",
              "hive-schema", "rest-catalog", "history-server", "mlflow", "airflow", "ingest",
              "ingest-counter")  # fmt: skip
Edges = dict[tuple[str, str], set[str]]


def _calls(view: View) -> Edges:
    """The ports at which each (caller, called) speak, everywhere in a platform with all its components."""
    connect = view.values["connect"]["port"]
    edges: dict[tuple[str, str], list[Any]] = {
        ("users", "jupyter"): [8888], ("test", "jupyter"): [8888],
        ("users", "history-server"): [18080], ("test", "history-server"): [18080],
        ("hive-metastore", "postgres"): _DATABASE, ("hive-schema", "postgres"): _DATABASE,
        ("rest-catalog", "postgres"): _DATABASE, ("backup", "postgres"): _DATABASE, ("mlflow", "postgres"): _DATABASE,
        ("users", "mlflow"): [5000], ("client", "mlflow"): [5000], ("submit", "mlflow"): [5000],
        ("test", "mlflow"): [5000], ("airflow", "postgres"): _DATABASE,
        ("users", "airflow"): [8080], ("client", "airflow"): [8080], ("test", "airflow"): [8080],
        ("prometheus", "connect"): [4040], ("prometheus", "airflow"): [9102],
        ("keda", "ingest-counter"): [8080],
    }  # fmt: skip
    if view.submits_by_airflow:
        edges |= {("airflow", "object-store"): _STORE, ("airflow", "hive-metastore"): [9083]}
        edges["airflow", "rest-catalog"] = [8181]
    for caller in {*_ELSEWHERE, *_RUNS_PROGRAMS} - {"airflow", "hive-schema"}:
        edges[caller, "object-store"] = _STORE
    for caller in _RUNS_PROGRAMS:
        edges |= {(caller, "postgres"): _DATABASE, (caller, "hive-metastore"): [9083], (caller, "rest-catalog"): [8181]}
    for caller in ("client", "jupyter", "airflow", "ingest", "test", "users"):
        edges[caller, "connect"] = [connect]
    return {pair: set(map(str, ports)) for pair, ports in (edges | _of_executors(view)).items()}


def _of_executors(view: View) -> dict[tuple[str, str], list[Any]]:
    also = ["airflow"] if view.submits_by_airflow else []
    if view.standalone:
        edges: dict[tuple[str, str], list[Any]] = {
            ("master", "connect"): [7078], ("worker", "connect"): [7078, 7079],
            ("master", "worker"): [7078], ("worker", "worker"): [_ANY], ("prometheus", "worker"): [8081],
            ("worker", "master"): [7077, 8080], ("connect", "master"): [7077, 8080], ("test", "master"): [7077, 8080],
            ("submit", "master"): [7077], ("prometheus", "master"): [8080], ("keda", "master"): [8080],
        }  # fmt: skip
        edges |= {(daemon, driver): [_ANY] for daemon in ("master", "worker") for driver in (*also, "submit", "test")}
        edges |= {(caller, "master"): [7077] for caller in also}
        return edges | {(driver, "worker"): [_ANY] for driver in (*also, "connect", "submit", "test")}
    edges = {
        ("executor", "connect"): [7078, 7079], ("executor", "driver"): [7078, 7079], ("prometheus", "driver"): [4040],
        ("executor", "submit"): [_ANY], ("executor", "test"): [_ANY],
    }  # fmt: skip
    edges |= {("executor", driver): [_ANY] for driver in also}
    callers = (*also, "connect", "driver", "submit", "test", "executor")
    return edges | {(caller, "executor"): [7079] for caller in callers}


@promise("the network denies all but what components need of each other")
def _policies(view: View) -> Iterator[str]:
    found = {component_of(each): each.get("spec", {}) for each in view.kind("NetworkPolicy")}
    if not view.values["networkPolicy"]["enabled"]:
        if found:
            yield f"there are policies of {sorted(found)} though networkPolicy.enabled is false"
        return
    pods = {pod.component for pod in view.pods} | {"driver", "test"}
    wanted = {component for component in pods if view.enabled(component)} | {"network-policy"}
    if set(found) != wanted:
        yield f"there are policies of {sorted(found)}; expected {sorted(wanted)}"
    for component, spec in found.items():
        yield from _policy(view, component, spec)
    yield from _inside(view, found)


def _policy(view: View, component: str, spec: Any) -> Iterator[str]:
    where = f"the policy of {component}"
    if sorted(spec.get("policyTypes", ())) != ["Egress", "Ingress"]:
        yield f"{where} is about {spec.get('policyTypes')}"
    if beside := set(spec) - {"podSelector", "policyTypes", "ingress", "egress"}:
        yield f"{where} has {sorted(beside)}"
    own = {"app.kubernetes.io/name": "spark", "app.kubernetes.io/instance": view.case.release, COMPONENT: component}
    if component == "network-policy":
        del own[COMPONENT]
        if {"ingress", "egress"} & set(spec):
            yield f"{where} allows something, and is to deny all"
    if spec.get("podSelector") != {"matchLabels": own}:
        yield f"{where} is about {spec.get('podSelector')}; expected the pods of {component}"


def _inside(view: View, policies: Any) -> Iterator[str]:
    """Compare what the policies allow, in both directions, with who has to speak with whom."""
    there = set(policies)
    wanted = {pair: ports for pair, ports in _calls(view).items() if set(pair) - set(_outside(view)) <= there}
    values = view.values["networkPolicy"]
    outside = _outside(view)
    received = {pair: ports for pair, ports in wanted.items() if outside.get(pair[0], True)}
    sent = {pair: ports for pair, ports in wanted.items() if pair[0] not in outside}
    questions = {f"{protocol} {port}" for protocol in ("UDP", "TCP") for port in values["dnsPorts"]}
    sent |= {(caller, "dns"): questions for caller in there - {"network-policy"}}
    api = ["test"] if view.standalone else ["connect", "driver", "submit", "test"]
    api += ["airflow"] if view.values["airflow"]["startsPods"] else []
    sent |= {(caller, "kubernetes"): set(map(str, values["apiServer"]["ports"])) for caller in api if caller in there}
    yield from _differ("may receive", _found(view, policies, "ingress", "from"), received)
    yield from _differ("may send", _found(view, policies, "egress", "to"), sent)
    for component in there - {"network-policy"}:
        rules = [rule.get("to", ()) for rule in policies[component].get("egress", ())]
        if _dns(values) not in rules:
            yield f"the policy of {component} does not let it ask for names wherever they are answered"
    for component in set(api) & there:
        rules = [rule.get("to", ()) for rule in policies[component].get("egress", ())]
        if _blocks(values["apiServer"]["cidrs"]) not in rules:
            yield f"the policy of {component} does not let it call the API server at all of its addresses"
    for component, spec in policies.items():
        allowed = [rule for rule in spec.get("egress", ()) if rule in values["egress"]]
        if allowed != (list(values["egress"]) if component in _ELSEWHERE else []):
            yield f"the policy of {component} lets it call {allowed} elsewhere"


def _differ(what: str, found: Edges, wanted: Edges) -> Iterator[str]:
    for caller, called in sorted(set(found) | set(wanted)):
        ports, expected = found.get((caller, called), set()), wanted.get((caller, called), set())
        if ports != expected:
            one, other = (called, caller) if what == "may receive" else (caller, called)
            yield f"{one} {what}, with {other}, at {sorted(ports) or 'no port'}; expected {sorted(expected) or 'none'}"


def _found(view: View, policies: Any, direction: str, side: str) -> Edges:
    edges: Edges = {}
    egress = view.values["networkPolicy"]["egress"]
    for component, spec in policies.items():
        for rule in spec.get(direction, ()):
            if direction == "egress" and rule in egress:
                continue
            # To Kubernetes an empty list is anybody, and any port, as none at all is.
            peers: list[Any] = rule.get(side) or [{}]
            ports: list[Any] = rule.get("ports") or [{}]
            for peer in peers:
                other = _peer(view, peer)
                pair = (component, other) if direction == "egress" else (other, component)
                edges.setdefault(pair, set()).update(_port(port, other) for port in ports)
    return edges


def _peer(view: View, peer: Any) -> str:
    """The name of a peer: a component by its whole selector, one of those outside, or its text if it is unknown."""
    values = view.values["networkPolicy"]
    labels = peer.get("podSelector", {}).get("matchLabels", {})
    own = {"app.kubernetes.io/name": "spark", "app.kubernetes.io/instance": view.case.release}
    whole = {"podSelector": {"matchLabels": {**own, COMPONENT: labels.get(COMPONENT)}}}
    if peer == whole:
        return str(labels[COMPONENT])
    for name, peers in _outside(view).items():
        if peer in peers:
            return name
    if peer in _dns(values):
        return "dns"
    return "kubernetes" if peer in _blocks(values["apiServer"]["cidrs"]) else str(peer)


def _outside(view: View) -> dict[str, Any]:
    """The callers outside the release, each with its peers."""
    policy, scaling = view.values["networkPolicy"], view.of_component("worker").get("autoscaling", {})
    named = scaling.get("kedaNamespace", view.of_component("ingest").get("kedaNamespace"))
    where = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": named}}}
    asks = (scaling.get("enabled") and scaling.get("follows") == "applications") or view.enabled("ingest")
    return {"users": policy["users"], "prometheus": policy["prometheus"], "keda": [where] if asks else []}


def _dns(values: Any) -> list[Any]:
    """The peers that answer for names, as the policies' values say."""
    pods = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": values["dnsNamespace"]}}}
    return [pods, *_blocks(values["dnsCidrs"])]


def _blocks(cidrs: Any) -> list[Any]:
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


def _port(port: Any, other: str) -> str:
    number = "-".join(str(port[key]) for key in ("port", "endPort") if key in port)
    protocol = port.get("protocol", "TCP")
    return number if protocol == "TCP" and other != "dns" else f"{protocol} {number}"
