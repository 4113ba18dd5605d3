"""A Prometheus that answers as one was seen to, behind an API server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparkproof.kube.objects import POD, PROMETHEUS, SERVICE

SELECTOR = {
    "type": "vectorSelector",
    "name": "up",
    "matchers": [{"name": "__name__", "type": "=", "value": "up"}, {"name": "job", "type": "=~", "value": "c.*"}],
}


def target(pod: str, path: str, health: str = "up", error: str = "", namespace: str = "data") -> dict[str, Any]:
    labels = {"namespace": namespace, "pod": pod}
    return {"labels": labels, "scrapeUrl": f"http://10.0.0.1:4040{path}", "health": health, "lastError": error}


def alert(name: str, state: str = "firing", namespace: str = "data") -> dict[str, Any]:
    return {
        "labels": {"alertname": name, "namespace": namespace},
        "state": state,
        "annotations": {"summary": "It is down."},
    }


def rule(name: str, health: str = "ok", namespace: str = "data") -> dict[str, Any]:
    found = {"name": name, "query": f"up_{name}", "labels": {"namespace": namespace}, "health": health}
    return found if health == "ok" else {**found, "lastError": "many-to-many matching"}


@dataclass
class Cluster:
    """An API server whose one Prometheus gives `answers`; every series but those of `empty` has data.

    It was read at `newest`, in seconds since 1970; the platform's driver was asked for at 60.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    empty: Sequence[str] = ()
    objects: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    newest: int = 61

    def list(self, kind: Any, namespace: str | None = None, *, labels: str = "") -> Sequence[Any]:
        if kind == PROMETHEUS:
            return self.objects.get(kind, [{"metadata": {"name": "one", "namespace": "watching"}}])
        if namespace == "watching":
            assert labels == "operator.prometheus.io/name=one"
            return [{"metadata": {"name": "prometheus-one-0"}}]
        driver = {"metadata": {"name": "spark-connect-0", "creationTimestamp": "1970-01-01T00:01:00Z"}}
        service = {"spec": {"ports": [{"name": "ui"}]}}
        usual: Mapping[Any, Sequence[Any]] = {POD: [driver], SERVICE: [service]}
        return self.objects.get(kind, usual.get(kind, ()))

    def proxy(self, pod: str, port: int, path: str, namespace: str, query: Sequence[tuple[str, Any]]) -> Any:
        assert (pod, port, namespace) == ("prometheus-one-0", 9090, "watching")
        what, asked = path.removeprefix("/api/v1/"), dict(query)
        if what == "parse_query":
            return {"data": {"type": "call", "args": [{**SELECTOR, "matchers": [named(asked["query"])]}]}}
        if what == "query_range":
            value = "NaN" if any(each in asked["query"] for each in self.empty) else "0"
            if asked["query"].startswith("timestamp("):
                return {"data": {"result": [{"metric": {}, "values": [[1, "1"], [2, str(self.newest)]]}]}}
            return {"data": {"result": [{"metric": {}, "values": [[1, "NaN"], [2, value]]}]}}
        return {"data": self.answers[what]}

    def apply(self, manifest: Mapping[str, Any]) -> None:
        self.done.append(f"apply {manifest['metadata']['name']}")

    def delete(self, kind: Any, name: str, _namespace: str) -> None:
        self.done.append(f"delete {kind.name} {name}")


def named(metric: str) -> dict[str, str]:
    return {"name": "__name__", "type": "=", "value": metric}
