"""The Kubernetes API in the field's verbs: get, list, apply, delete, logs, events, exec, proxy, can-i."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import urllib3
import yaml
from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import DynamicApiError, ResourceNotFoundError
from kubernetes.dynamic.resource import ResourceList
from kubernetes.stream.ws_client import websocket_call

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.wait import eventually

FIELD_MANAGER = "sparkproof"
Manifest = dict[str, Any]
Manifests = list[Manifest]
_STREAMS = (("stdin", "true"), ("stdout", "true"), ("stderr", "true"))


class Refused(SparkproofError):
    """The API server refused a request; `code` is the HTTP status, `message` its words."""

    def __init__(self, doing: str, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"The API server refused to {doing} ({code}): {message}")


class Unreachable(SparkproofError):
    """The API server did not answer."""


@dataclass(frozen=True)
class Kind:
    """A kind of object and the API version it is spoken to in."""

    name: str
    api_version: str = "v1"


POD = Kind("Pod")
EVENT = Kind("Event")
NODE = Kind("Node")
NAMESPACE = Kind("Namespace")
RESOURCE_QUOTA = Kind("ResourceQuota")
CONFIG_MAP = Kind("ConfigMap")
SECRET = Kind("Secret")
STATEFUL_SET = Kind("StatefulSet", "apps/v1")
DEPLOYMENT = Kind("Deployment", "apps/v1")
SERVICE_ACCOUNT = Kind("ServiceAccount")
SECRET = Kind("Secret")
JOB = Kind("Job", "batch/v1")
SERVICE = Kind("Service")
ENDPOINT_SLICE = Kind("EndpointSlice", "discovery.k8s.io/v1")
DAEMON_SET = Kind("DaemonSet", "apps/v1")
NETWORK_POLICY = Kind("NetworkPolicy", "networking.k8s.io/v1")
STORAGE_CLASS = Kind("StorageClass", "storage.k8s.io/v1")
API_SERVICE = Kind("APIService", "apiregistration.k8s.io/v1")
OWN_ACCESS_REVIEW = Kind("SelfSubjectAccessReview", "authorization.k8s.io/v1")
ACCESS_REVIEW = Kind("SubjectAccessReview", "authorization.k8s.io/v1")

# What marks a node that kwok plays, on which nothing runs, https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/
SIMULATED = {"kwok.x-k8s.io/node": "fake"}


def selector(labels: Mapping[str, str]) -> str:
    """The labels as the API server takes them to choose by: "app=x,role=y"."""
    return ",".join(f"{key}={value}" for key, value in labels.items())


def has_ended(pod: Manifest) -> bool:
    """Whether a pod has ended, well or not; it keeps its labels."""
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def is_simulated(node: Manifest) -> bool:
    """Whether a node is only played."""
    annotations: dict[str, str] = node["metadata"].get("annotations", {})
    return SIMULATED.items() <= annotations.items()


class Kube:
    """One cluster's API server, reached through one context of one kubeconfig."""

    def __init__(self, kubeconfig: Path, context: str | None = None) -> None:
        """Read the credentials; nothing is sent yet. Raises UsageError when the file or the context is not usable."""
        self.kubeconfig, self.context = kubeconfig, context
        if context is not None and context not in (names := _contexts(kubeconfig)):
            raise UsageError(f"Context {context!r} is not in {kubeconfig}; it has {', '.join(names) or 'none'}.")
        try:
            self._api = config.new_client_from_config(str(kubeconfig), context=context)
        except (config.ConfigException, ValueError, TypeError, KeyError, OSError) as wrong:
            raise _unusable(kubeconfig, wrong) from None
        self._api.configuration.retries = urllib3.Retry(connect=2, read=0, backoff_factor=0.2)

    @cached_property
    def _dynamic(self) -> Any:
        with self._errors("list its API groups"):
            return dynamic.DynamicClient(self._api)

    def _resource(self, kind: Kind) -> Any:
        with self._errors(f"say what a {kind.name} is"):
            return self._dynamic.resources.get(api_version=kind.api_version, kind=kind.name)

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (ApiException, DynamicApiError) as refused:
            raise Refused(doing, int(refused.status or 0), _message(refused)) from None
        except ResourceNotFoundError as unknown:
            raise Refused(doing, 404, str(unknown)) from None
        except (urllib3.exceptions.HTTPError, OSError) as unreachable:
            host = self._api.configuration.host
            raise Unreachable(f"The API server at {host} does not answer: {_root(unreachable)}.") from None

    def version(self) -> str:
        """The server's version ("v1.36.3"): the cheapest request that shows it is there and lets us in."""
        with self._errors("tell its version"):
            return str(client.VersionApi(self._api).get_code(_request_timeout=timeouts.API_CALL).git_version)

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Manifest | None:
        """The object as the API server has it, or None when there is no such object."""
        try:
            with self._errors(f"get {kind.name} {name}"):
                found = self._resource(kind).get(
                    name=name, namespace=namespace, serialize=False, _request_timeout=timeouts.API_CALL
                )
                return dict(json.loads(found.data))
        except Refused as refused:
            if refused.code == 404:
                return None
            raise

    def list(self, kind: Kind, namespace: str | None = None, *, labels: str = "") -> Manifests:
        """All objects of `kind` in `namespace` (everywhere when None) that carry `labels` ("app=x,role=y")."""
        with self._errors(f"list {kind.name}s"):
            found = self._resource(kind).get(
                namespace=namespace, label_selector=labels, serialize=False, _request_timeout=timeouts.API_CALL
            )
            # Items of a list come without their kind and version.
            typed = {"apiVersion": kind.api_version, "kind": kind.name}
            return [typed | item for item in json.loads(found.data)["items"]]

    def kinds(self) -> Sequence[Kind]:
        """The kinds of object that a namespace holds and that may be listed, one version of each; no events."""
        with self._errors("list its kinds of object"):
            found = self._dynamic.resources.search(namespaced=True, preferred=True)
            # The client knows a list of each kind as one more kind.
            single = [one for one in found if not isinstance(one, ResourceList)]
            kinds = {Kind(one.kind, one.group_version) for one in single if {"list", "delete"} <= set(one.verbs)}
        return sorted((kind for kind in kinds if kind.name != EVENT.name), key=lambda kind: kind.name)

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """Server-side apply; with `dry_run` the server admits or refuses and keeps nothing. Raises Refused."""
        kind, meta = Kind(manifest["kind"], manifest["apiVersion"]), manifest["metadata"]
        with self._errors(f"apply {kind.name} {meta['name']}"):
            applied = self._resource(kind).server_side_apply(
                body=manifest,
                name=meta["name"],
                namespace=meta.get("namespace"),
                field_manager=FIELD_MANAGER,
                force_conflicts=True,
                **({"dry_run": "All"} if dry_run else {}),
                _request_timeout=timeouts.API_CALL,
            )
            return dict(applied.to_dict())

    def patch(self, kind: Kind, name: str, change: Manifest) -> None:
        """Merge `change` into a cluster-wide object; lists are replaced as a whole. Raises Refused."""
        with self._errors(f"patch {kind.name} {name}"):
            self._resource(kind).patch(
                name=name,
                body=change,
                content_type="application/merge-patch+json",
                field_manager=FIELD_MANAGER,
                _request_timeout=timeouts.API_CALL,
            )

    def delete(self, kind: Kind, name: str, namespace: str | None = None, *, grace_s: int | None = None) -> None:
        """Ask for the object to be deleted; one that is already gone is fine."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        if grace_s is not None:
            body["gracePeriodSeconds"] = grace_s  # type: ignore[assignment]
        try:
            with self._errors(f"delete {kind.name} {name}"):
                self._resource(kind).delete(
                    name=name, namespace=namespace, body=body, _request_timeout=timeouts.API_CALL
                )
        except Refused as refused:
            if refused.code != 404:
                raise

    def must_be_gone(self, kind: Kind, name: str, namespace: str | None = None, *, within_s: float) -> None:
        """Wait until the object no longer exists."""
        eventually(
            f"the end of {kind.name} {name}",
            lambda: self.get(kind, name, namespace),
            lambda found: found is None,
            within_s=within_s,
        )

    def logs(
        self, pod: str, namespace: str, *, container: str | None = None, lines: int = 500, previous: bool = False
    ) -> str:
        """The last `lines` lines of a container's log ("" when it has not started); `previous`: of the one before."""
        try:
            with self._errors(f"give the log of {pod}"):
                asked = [("tailLines", lines), ("previous", previous), *_of_container(container)]
                return self._text(f"{_pod(namespace, pod)}/log", asked).decode(errors="replace")
        except Refused as refused:
            if refused.code in (400, 404):
                return ""
            raise

    def events(self, namespace: str) -> Manifests:
        """The namespace's events, oldest first."""
        return sorted(
            self.list(EVENT, namespace),
            key=lambda event: (
                event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"]
            ),
        )

    def can_i(self, user: str, verb: str, resource: str, namespace: str, *, groups: Sequence[str] = ()) -> bool:
        """Ask the API server whether `user` may `verb` a `resource` in `namespace`.

        A resource is written as kubectl has it: "pods", "pods/log", "deployments.apps", "deployments.apps/scale".
        """
        resource, _, sub = resource.partition("/")
        name, _, group = resource.partition(".")
        attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": name, "subresource": sub}
        asked = {"user": user, "groups": list(groups), "resourceAttributes": attributes}
        return self._review(ACCESS_REVIEW, f"review what {user} may do", asked)

    def actions(self) -> Sequence[tuple[str, str]]:
        """Each verb of each resource that the server has: ("get", "pods/log"), ("update", "deployments.apps/scale")."""
        with self._errors("list its resources"):
            found = self._dynamic.resources.search()
        actions = set()
        # Lists of a kind are found beside the kinds, without verbs.
        for each in (resource for resource in found if resource.verbs):
            name = f"{each.name}.{each.group}" if each.group else each.name
            actions |= {(verb, name) for verb in each.verbs}
            actions |= {(verb, f"{name}/{sub}") for sub, of in each.subresources.items() for verb in of.verbs}
        return sorted(actions)

    def may_i(self, verb: str, resource: str) -> bool:
        """Ask the API server whether these credentials may `verb` a cluster-wide `resource` ("namespaces")."""
        asked = {"resourceAttributes": {"verb": verb, "resource": resource}}
        return self._review(OWN_ACCESS_REVIEW, "review what we may do", asked)

    def _review(self, kind: Kind, doing: str, asked: Manifest) -> bool:
        with self._errors(doing):
            body = {"apiVersion": kind.api_version, "kind": kind.name, "spec": asked}
            answer = self._resource(kind).create(body=body, _request_timeout=timeouts.API_CALL)
            return bool(answer.to_dict()["status"].get("allowed", False))

    def proxy(self, pod: str, port: int, path: str, namespace: str) -> Any:
        """GET `path` of a pod's HTTP `port` through the API server and return the JSON it answers."""
        return json.loads(self.read(pod, port, path, namespace))

    def read(self, pod: str, port: int, path: str, namespace: str) -> str:
        """GET `path` of a pod's HTTP `port` through the API server and return the text it answers."""
        with self._errors(f"reach {path} of {pod}"):
            return self._text(f"{_pod(namespace, f'{pod}:{port}')}/proxy{path}").decode()

    def _text(self, path: str, query: Sequence[tuple[str, Any]] = ()) -> bytes:
        answer = self._dynamic.request(
            "get",
            path,
            query_params=list(query),
            serialize=False,
            # Some programs refuse who wants JSON of what they have as text only.
            header_params={"Accept": "application/json, text/plain;q=0.9"},
            _request_timeout=timeouts.API_CALL,
        )
        return bytes(answer.data)

    def exec(self, pod: str, namespace: str, argv: Sequence[str], *, container: str | None = None) -> "Channel":
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

    def watch(self, kind: Kind, namespace: str, seen: Callable[[str, Manifest], None], *, labels: str = "") -> "Watch":
        """Call `seen(event type, object)` for each change from now on, in a thread, until the watch is closed."""
        return Watch(self._resource(kind), namespace, labels, seen)


class Channel:
    """The standard streams of a process in a pod, in lines of text."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._last = ""

    def write_line(self, line: str) -> None:
        """Send one line to the process."""
        self._socket.write_stdin(line + "\n")

    def read_line(self, timeout_s: float) -> str | None:
        """The next line of standard output, or None when none came in `timeout_s` seconds or there are no more."""
        line: str | None = self._socket.readline_stdout(timeout=timeout_s)
        if not line and not self._socket.is_open():
            # What came together with the end of the process, the client's own readline leaves in its buffer.
            self._last += self._socket.read_channel(1)
            line, _, self._last = self._last.partition("\n")
        return line or None

    def finish(self, timeout_s: float) -> str:
        """What the process prints until it ends, for at most `timeout_s` seconds."""
        self._socket.run_forever(timeout=timeout_s)
        return str(self._socket.read_channel(1))

    def errors(self) -> str:
        """What the process has written to standard error since the last call."""
        return str(self._socket.read_stderr(timeout=0)) if self._socket.is_open() else str(self._socket.read_channel(2))

    def wait(self, timeout_s: float) -> int | None:
        """The exit code of the process, or None when it has not ended in `timeout_s` seconds.

        Raises SparkproofError when the connection ended before the process did.
        """
        self._socket.run_forever(timeout=timeout_s)
        try:
            code: int | None = self._socket.returncode
            return code
        except TypeError:
            raise SparkproofError("The connection to a process in a pod ended before the process did.") from None

    def output(self) -> str:
        """What the process has written to standard output and error, in order, since the last call."""
        return str(self._socket.read_all())

    @property
    def open(self) -> bool:
        return bool(self._socket.is_open())

    def close(self) -> None:
        self._socket.close()


class Watch:
    """A running watch; close() ends it."""

    def __init__(self, resource: Any, namespace: str, labels: str, seen: Callable[[str, Manifest], None]) -> None:
        self._events = watch.Watch()
        self._closed = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(resource, namespace, labels, seen), daemon=True)
        self._thread.start()

    def _run(self, resource: Any, namespace: str, labels: str, seen: Callable[[str, Manifest], None]) -> None:
        try:
            for event in resource.watch(namespace=namespace, label_selector=labels, watcher=self._events):
                seen(event["type"], event["raw_object"])
        except Exception as broken:  # handed to close(), in the thread that can do something about it
            self._failure = None if self._closed else broken

    def close(self) -> None:
        """End the watch; raises SparkproofError when it had ended by itself and so may have missed changes."""
        ended = not self._thread.is_alive()
        self._closed = True
        self._events.stop()
        self._thread.join(timeouts.API_CALL)
        if ended:
            raise SparkproofError(f"The watch ended early and may have missed changes: {self._failure or 'no cause'}.")


def _pod(namespace: str, name: str) -> str:
    """The path under which the API server has a pod; a port may follow its name."""
    return f"/api/v1/namespaces/{namespace}/pods/{name}"


def _of_container(name: str | None) -> list[tuple[str, str]]:
    """What a request says of a container; without a name it is for the pod's first."""
    return [("container", name)] if name else []


def _contexts(kubeconfig: Path) -> list[str]:
    try:
        # A file without contexts, or with something else in their place, has none of the wanted name.
        return [entry["name"] for entry in yaml.safe_load(kubeconfig.read_text())["contexts"]]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as wrong:
        raise _unusable(kubeconfig, wrong) from None


def _unusable(kubeconfig: Path, wrong: Exception) -> UsageError:
    words = {KeyError: f"it has no {wrong}", TypeError: "it is no kubeconfig"}.get(
        type(wrong), " ".join(str(wrong).split())
    )
    return UsageError(f"The kubeconfig {kubeconfig} cannot be used: {words}. Give another with -D kubeconfig=FILE.")


def _message(refused: Any) -> str:
    try:
        return str(json.loads(refused.body)["message"])
    except (ValueError, TypeError, KeyError):
        return str(refused.reason or refused.body)


def _root(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    return _root(reason) if isinstance(reason, BaseException) else str(error).rstrip(".")
