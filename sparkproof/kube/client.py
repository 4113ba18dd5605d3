"""The Kubernetes API in the field's verbs: get, list, apply, delete, logs, events, exec, proxy, can-i."""

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from kubernetes import client, config
from kubernetes.stream.ws_client import websocket_call

from sparkproof.core import timeouts
from sparkproof.core.errors import UsageError
from sparkproof.core.wait import eventually
from sparkproof.kube import discovery, objects
from sparkproof.kube import kubeconfig as kubeconfigs
from sparkproof.kube.errors import FAILURES, Refused, of_request
from sparkproof.kube.objects import EVENT, PARTS_OF_PODS, POD, Kind, Manifest, Manifests
from sparkproof.kube.streams import Channel, Watch

FIELD_MANAGER = "sparkproof"
# To be connected, and to be answered. What may be asked twice (a read, a deletion) is sent up to three times more, as
# urllib3 does unasked, when its connection breaks; what creates or patches is sent once.
_LIMITS = (timeouts.CONNECTED, timeouts.API_CALL)
_UNKNOWN_USER = 401
_STREAMS = (("stdin", "true"), ("stdout", "true"), ("stderr", "true"))


class Kube:
    """One cluster's API server, reached through one context of one kubeconfig."""

    def __init__(self, kubeconfig: Path, context: str | None = None) -> None:
        """Read the credentials; nothing is sent yet. Raises UsageError when the file or the context is not usable."""
        self.kubeconfig, self.context = kubeconfig, context
        if context is not None and context not in (names := kubeconfigs.contexts(kubeconfig)):
            raise UsageError(f"Context {context!r} is not in {kubeconfig}; it has {', '.join(names) or 'none'}.")
        self._api = kubeconfigs.new_client(kubeconfig, context)

    def apart(self) -> "Kube":
        """Return another connection to the same API server, for a thread."""
        return Kube(self.kubeconfig, self.context)

    @property
    def kubectl(self) -> str:
        """The kubectl command, with its options, that speaks to this cluster."""
        context = ["--context", self.context] if self.context else []
        return shlex.join(["kubectl", "--kubeconfig", str(self.kubeconfig), *context])

    @cached_property
    def _dynamic(self) -> Any:
        with self._errors("list its API groups"):
            return discovery.connect(self._api)

    def _resource(self, kind: Kind) -> Any:
        with self._errors(f"say what a {kind.name} is"):
            if part := PARTS_OF_PODS.get(kind):
                return self._resource(POD).subresources[part]
            return self._dynamic.resources.get(api_version=kind.api_version, kind=kind.name)

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        try:
            yield
        except config.ConfigException as expired:
            raise kubeconfigs.unusable(self.kubeconfig, expired) from None
        except FAILURES as failed:
            raise of_request(failed, doing, self._api.configuration.host) from None

    def version(self) -> str:
        """Return the server's version ("v1.36.3"); the cheapest request that shows that it answers and lets us in."""
        try:
            with self._errors("report its version"):
                return str(client.VersionApi(self._api).get_code(_request_timeout=_LIMITS).git_version)
        except Refused as refused:
            if refused.code != _UNKNOWN_USER:
                raise
            remedy = "log in again if they have expired, or give others with -D kubeconfig=FILE"
            raise Refused("accept these credentials", refused.code, remedy) from None

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Manifest | None:
        """Return the object as the API server has it, or None when there is no such object."""
        try:
            with self._errors(f"get {kind.name} {name}"):
                found = self._resource(kind).get(
                    name=name, namespace=namespace, serialize=False, _request_timeout=_LIMITS
                )
                return dict(json.loads(found.data))
        except Refused as refused:
            if refused.code == 404:
                return None
            raise

    def list(self, kind: Kind, namespace: str | None = None, *, labels: str = "") -> Manifests:
        """Return the objects of `kind` in `namespace` (in all when None) that carry `labels` ("app=x,role=y")."""
        with self._errors(f"list {kind.name}s"):
            found = self._resource(kind).get(
                namespace=namespace, label_selector=labels, serialize=False, _request_timeout=_LIMITS
            )
            # Items of a list come without their kind and version.
            typed = {"apiVersion": kind.api_version, "kind": kind.name}
            return [typed | item for item in json.loads(found.data)["items"]]

    def kinds(self, *, namespaced: bool = True) -> Sequence[Kind]:
        """Return the kinds that can be listed and deleted, in one version each; without events.

        They are those of namespaces' objects, or those of the cluster's own.
        """
        with self._errors("list its kinds of object"):
            found = [each for each in discovery.served(self._dynamic, preferred=True) if each.namespaced == namespaced]
            kinds = {Kind(each.kind, each.group_version) for each in found if {"list", "delete"} <= set(each.verbs)}
        return sorted((kind for kind in kinds if kind.name != EVENT.name), key=lambda kind: kind.name)

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """Apply on the server's side; with `dry_run` the server admits or refuses and keeps nothing. Raises Refused."""
        kind, meta = Kind(manifest["kind"], manifest["apiVersion"]), manifest["metadata"]
        with self._errors(f"apply {kind.name} {meta['name']}"):
            applied = self._resource(kind).server_side_apply(
                body=manifest,
                name=meta["name"],
                namespace=meta.get("namespace"),
                field_manager=FIELD_MANAGER,
                force_conflicts=True,
                **({"dry_run": "All"} if dry_run else {}),
                _request_timeout=_LIMITS,
            )
            return dict(applied.to_dict())

    def create(self, manifest: Manifest) -> None:
        """Create an object; raises Refused, with code 409 when there is one of this name."""
        kind, meta = Kind(manifest["kind"], manifest["apiVersion"]), manifest["metadata"]
        with self._errors(f"create {kind.name} {meta['name']}"):
            self._resource(kind).create(
                body=manifest,
                namespace=meta.get("namespace"),
                field_manager=FIELD_MANAGER,
                _request_timeout=_LIMITS,
            )

    def patch(
        self, kind: Kind, name: str, change: Manifest, namespace: str | None = None, *, dry_run: bool = False
    ) -> None:
        """Merge `change` into an object, lists as a whole; with `dry_run` nothing is kept. Raises Refused."""
        with self._errors(f"patch {kind.name} {name}"):
            self._resource(kind).patch(
                name=name,
                namespace=namespace,
                body=change,
                content_type="application/merge-patch+json",
                field_manager=FIELD_MANAGER,
                **({"dry_run": "All"} if dry_run else {}),
                _request_timeout=_LIMITS,
            )

    def delete(self, kind: Kind, name: str, namespace: str | None = None, *, grace_s: int | None = None) -> None:
        """Ask for the deletion of the object, with `grace_s` seconds for its end; one that is already gone is fine."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        if grace_s is not None:
            body["gracePeriodSeconds"] = grace_s  # type: ignore[assignment]
        try:
            with self._errors(f"delete {kind.name} {name}"):
                self._resource(kind).delete(name=name, namespace=namespace, body=body, _request_timeout=_LIMITS)
        except Refused as refused:
            if refused.code != 404:
                raise

    def must_be_gone(self, kind: Kind, name: str, namespace: str | None = None, *, within_s: float) -> None:
        """Wait until the object no longer exists; raises GaveUp after `within_s` seconds."""
        eventually(
            f"the end of {kind.name} {name}",
            lambda: self.get(kind, name, namespace),
            lambda found: found is None,
            within_s=within_s,
            show=lambda found: objects.what_holds(found or {}),
        )

    def logs(
        self, pod: str, namespace: str, *, container: str | None = None, lines: int = 500, previous: bool = False
    ) -> str:
        """Return the last `lines` lines of a container's log, "" when it has not started.

        With `previous`, the log is that of the container before its last restart.
        """
        try:
            with self._errors(f"give the log of {pod}"):
                asked = [("tailLines", lines), ("previous", previous), *_of_container(container)]
                return self._text(f"{_pod(namespace, pod)}/log", asked).decode(errors="replace")
        except Refused as refused:
            if refused.code in (400, 404):
                return ""
            raise

    def events(self, namespace: str) -> Manifests:
        """Return the namespace's events, oldest first."""
        return sorted(self.list(EVENT, namespace), key=objects.last_seen)

    def can_i(self, user: str, verb: str, resource: str, namespace: str, *, groups: Sequence[str] = ()) -> bool:
        """True if `user`, in these groups, may `verb` a `resource` in `namespace`; the API server is asked.

        An empty namespace stands for the whole cluster.
        A resource is written as kubectl has it: "pods", "pods/log", "deployments.apps", "deployments.apps/scale".
        """
        attributes = {"namespace": namespace, "verb": verb, **_attributes(resource)}
        asked = {"user": user, "groups": list(groups), "resourceAttributes": attributes}
        kind = objects.LOCAL_ACCESS_REVIEW if namespace else objects.ACCESS_REVIEW
        return self._review(kind, f"review what {user} may do", asked)

    def actions(self) -> Sequence[tuple[str, str]]:
        """Return every verb of every resource: ("get", "pods/log"), ("update", "deployments.apps/scale")."""
        with self._errors("list its resources"):
            found = discovery.served(self._dynamic)
        actions = set()
        for each in found:
            name = f"{each.name}.{each.group}" if each.group else each.name
            actions |= {(verb, name) for verb in each.verbs}
            actions |= {(verb, f"{name}/{sub}") for sub, of in each.subresources.items() for verb in of.verbs}
        return sorted(actions)

    def may_i(self, verb: str, resource: str, namespace: str = "") -> bool:
        """True if these credentials may `verb` a `resource`, as for `can_i`; the API server is asked."""
        asked = {"resourceAttributes": {"namespace": namespace, "verb": verb, **_attributes(resource)}}
        return self._review(objects.OWN_ACCESS_REVIEW, "review what we may do", asked)

    def _review(self, kind: Kind, doing: str, asked: Manifest) -> bool:
        with self._errors(doing):
            body = {"apiVersion": kind.api_version, "kind": kind.name, "spec": asked}
            where = asked["resourceAttributes"]["namespace"] if kind == objects.LOCAL_ACCESS_REVIEW else None
            answer = self._resource(kind).create(body=body, namespace=where, _request_timeout=_LIMITS)
            return bool(answer.to_dict()["status"].get("allowed", False))

    def proxy(self, pod: str, port: int, path: str, namespace: str, query: Sequence[tuple[str, Any]] = ()) -> Any:
        """GET `path` of a pod's HTTP `port` through the API server and return the JSON it answers."""
        return json.loads(self.read(pod, port, path, namespace, query))

    def node_summary(self, node: str) -> Manifest:
        """Return the kubelet's summary of a node, through the API server: free disk and memory in bytes."""
        with self._errors(f"ask the kubelet of {node}"):
            return dict(json.loads(self._text(f"/api/v1/nodes/{node}/proxy/stats/summary")))

    def read(self, pod: str, port: int, path: str, namespace: str, query: Sequence[tuple[str, Any]] = ()) -> str:
        """GET `path` of a pod's HTTP `port` through the API server and return the text it answers."""
        with self._errors(f"reach {path} of {pod}"):
            return self._text(f"{_pod(namespace, f'{pod}:{port}')}/proxy{path}", query).decode()

    def _text(self, path: str, query: Sequence[tuple[str, Any]] = ()) -> bytes:
        answer = self._dynamic.request(
            "get",
            path,
            query_params=list(query),
            serialize=False,
            # Some programs refuse a request for JSON alone when they have only text.
            header_params={"Accept": "application/json, text/plain;q=0.9"},
            _request_timeout=_LIMITS,
        )
        return bytes(answer.data)

    def exec(self, pod: str, namespace: str, argv: Sequence[str], *, container: str | None = None) -> Channel:
        """Start `argv` in a container and return its standard streams."""
        with self._errors(f"run {argv[0]} in {pod}"):
            # CoreV1Api would do the same, and takes half a second to be imported.
            _, url, headers, *_ = self._api.param_serialize(
                "GET",
                f"{_pod(namespace, pod)}/exec",
                query_params=[*(("command", part) for part in argv), *_STREAMS, *_of_container(container)],
                auth_settings=["BearerToken"],
            )
            return Channel(websocket_call(self._api.configuration, "GET", url, headers=headers, _preload_content=False))

    def watch(self, kind: Kind, namespace: str, seen: Callable[[str, Manifest], None], *, labels: str = "") -> Watch:
        """Call `seen(event type, object)` for each change from now on, in a thread, until the watch is closed."""
        return Watch(self._resource(kind), namespace, labels, seen)

    def changes(self, kind: Kind, namespace: str, *, since: str) -> Manifests:
        """Return the events that a watch from a revision on brings within a second: {"type": ..., "object": ...}."""
        asked = {"watch": True, "resource_version": since, "timeout_seconds": 1, "_request_timeout": _LIMITS}
        with self._errors(f"show the changes of {kind.name}s since {since}"):
            found = self._resource(kind).get(namespace=namespace, serialize=False, **asked)
            return [json.loads(line) for line in found.data.splitlines()]


def _attributes(resource: str) -> dict[str, str]:
    """Return a resource in kubectl's words ("deployments.apps/scale") as an access review names it."""
    whole, _, sub = resource.partition("/")
    name, _, group = whole.partition(".")
    return {"group": group, "resource": name, "subresource": sub}


def _pod(namespace: str, name: str) -> str:
    """Return the path under which the API server has a pod; a port may follow its name."""
    return f"/api/v1/namespaces/{namespace}/pods/{name}"


def _of_container(name: str | None) -> list[tuple[str, str]]:
    """Return the request's parameters that choose a container; without a name, the pod's first is meant."""
    return [("container", name)] if name else []
