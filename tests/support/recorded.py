"""A platform as it was recorded: an API server, Spark and helm that answer from what they are given, and no cluster."""

# Longer than 300 lines: the recorded API server, Spark and helm stand in one place, which every test of a check uses.

# ruff: noqa: ARG002

import copy
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sparkproof.core.errors import Cause
from sparkproof.core.process import CommandFailed, Completed
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.helm import Helm
from sparkproof.kube.labels import COMPONENT, RELEASE, SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import EVICTION, POD, Kind, Manifest, Manifests
from sparkproof.kube.places import Place
from sparkproof.kube.streams import Channel, Watch
from sparkproof.spark.catalogs import Catalogs
from sparkproof.spark.history import APPLICATIONS, DriverRest
from sparkproof.spark.session import Client, Session
from sparkproof.spark.workloads import Workloads

NAMESPACE = "team"
NAME = "spark"
_CLUSTER_WIDE = (
    "Namespace", "Node", "NodeClaim", "NodePool", "ClusterQueue", "ResourceFlavor", "ClusterRole", "PersistentVolume",
)  # fmt: skip
# So many tasks or executions Spark shows to whoever does not say how many.
_PAGE = 20
_uids = itertools.count(1)

# What Spark gave back for a statement: its rows, or the words by which it was refused.
Reply = Sequence[tuple[Any, ...]] | str
Answers = Mapping[str, Reply] | Callable[[str], Reply]


def manifest(kind: Kind, name: str, namespace: str | None = NAMESPACE, **rest: Any) -> Manifest:
    """Return an object of the release `spark`; `labels` are added to its own, `metadata` and the rest as they are."""
    own = {"name": name, "uid": f"uid-{next(_uids)}", "generation": 1} | rest.pop("metadata", {})
    labels = {RELEASE: NAME} | rest.pop("labels", {})
    if namespace:
        own["namespace"] = namespace
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {**own, "labels": labels}, **rest}


def pod(
    name: str,
    component: str = "",
    *,
    phase: str = "Running",
    ready: bool = True,
    spec: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **metadata: Any,
) -> Manifest:
    """Return a pod of a component with one container, which runs and is ready unless said otherwise."""
    conditions = [{"type": "Ready", "status": str(ready)}]
    return manifest(
        Kind("Pod"),
        name,
        labels={COMPONENT: component or "executor", **(labels or {})},
        metadata=metadata,
        spec={"containers": [{"name": component or "executor"}], **(spec or {})},
        status={"phase": phase, "conditions": conditions, **(status or {})},
    )


def executor(name: str = "exec-0", *, node: str = "node-1", ip: str = "10.0.0.1", **rest: Any) -> Manifest:
    """Return the pod of an executor of the release's Connect server."""
    labels = {SPARK_ROLE: "executor", SPARK_APPLICATION: f"{NAME}-connect", **rest.pop("labels", {})}
    status = {"podIP": ip, **rest.pop("status", {})}
    return pod(name, labels=labels, spec={"nodeName": node, **rest.pop("spec", {})}, status=status, **rest)


def workload(kind: Kind, name: str, *, of: int = 1, **status: Any) -> Manifest:
    """Return a workload `of` so many pods, which all are ready, but for what `status` says."""
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas"), of)
    return manifest(kind, name, spec={"replicas": of}, status={"observedGeneration": 1, **counts, **status})


class RecordedStreams(Channel):
    """A program that prints these lines and, for each line it is sent, what `reply` gives; it has not ended before."""

    def __init__(
        self,
        *lines: str,
        reply: Callable[[str], str | None] = lambda _: None,
        errors: str = "",
        exit_code: int | None = None,
        ended: bool = False,
    ) -> None:
        self._lines, self._reply, self._errors = deque(lines), reply, errors
        self._exit_code, self._open = exit_code, not ended
        self.written: list[str] = []
        self.closed = False

    def write_line(self, line: str) -> None:
        self.written.append(line)
        if (answer := self._reply(line)) is not None:
            self._lines.append(answer)

    def read_line(self, timeout_s: float) -> str | None:
        return self._lines.popleft() if self._lines else None

    def finish(self, timeout_s: float) -> str:
        return self.output()

    def errors(self) -> str:
        return self._errors

    def wait(self, timeout_s: float) -> int | None:
        return self._exit_code

    def output(self) -> str:
        lines, self._lines = self._lines, deque()
        return "\n".join(lines)

    @property
    def open(self) -> bool:
        return self._open and not self.closed

    def close(self) -> None:
        self.closed = True


class RecordedWatch(Watch):
    """A watch that is told of changes at once; it breaks if `broken`."""

    def __init__(self, kind: str, labels: str, seen: Callable[[str, Manifest], None]) -> None:
        self.kind, self.labels, self.seen = kind, labels, seen
        self.closed = False

    def close(self) -> None:
        self.closed = True


class RecordedKube(Kube):
    """An API server that has these objects, and keeps what it is given as a real one would.

    `rights` are what users and groups may do in the team's namespace, {(user, verb, resource)}, `cluster_wide` what
    they may do anywhere, and `everybody` what whoever is authenticated may.
    `refuse` may refuse what is applied. `logs_of` are logs by pod, or by pod and container ("spark-0/connect"), and
    those from before a restart ("spark-0/connect before"). `served` are JSON answers by pod and path, which may be a
    refusal; `programs` start what is executed in a pod.
    New pods get the condition `scheduled`. Objects `staying` ignore their deletion, as one with a finalizer does.
    """

    def __init__(
        self,
        *objects: Manifest,
        rights: frozenset[tuple[str, str, str]] | set[tuple[str, str, str]] = frozenset(),
        cluster_wide: frozenset[tuple[str, str, str]] | set[tuple[str, str, str]] = frozenset(),
        everybody: frozenset[tuple[str, str]] | set[tuple[str, str]] = frozenset(),
        known: Sequence[tuple[str, str]] = (),
        refuse: Callable[[Manifest], Refused | None] = lambda _: None,
        logs_of: Mapping[str, str] | None = None,
        served: Mapping[str, Any] | None = None,
        programs: Callable[[str, Sequence[str]], RecordedStreams] | None = None,
        scheduled: Mapping[str, str] | None = None,
        staying: Sequence[str] = (),
        admin: bool = True,
    ) -> None:
        self.kubeconfig, self.context = Path("kubeconfig"), "recorded"
        self.objects: dict[tuple[str, str, str], Manifest] = {}
        self.deleted: list[tuple[str, str, int | None]] = []
        self.dry: list[Manifest] = []
        self.on_delete: Callable[[str, str], None] = lambda _kind, _name: None
        self._rights, self._cluster_wide, self._everybody, self._actions = rights, cluster_wide, everybody, known
        self._refuse, self._logs, self._served = refuse, dict(logs_of or {}), dict(served or {})
        self._programs, self._scheduled, self._staying = programs, scheduled, staying
        self._admin, self._watches = admin, list[RecordedWatch]()
        for each in objects:
            self.add(each)

    def add(self, *objects: Manifest) -> None:
        """Have these objects as they are."""
        for each in objects:
            known = _key(each["kind"], each["metadata"]["name"], each["metadata"].get("namespace"))
            self._tell("MODIFIED" if known in self.objects else "ADDED", each)
            self.objects[known] = copy.deepcopy(each)

    def names(self, kind: str) -> list[str]:
        """Return the names of all objects of a kind."""
        return sorted(name for own, _, name in self.objects if own == kind)

    def version(self) -> str:
        return "v1.36.3"

    def get(self, kind: Kind, name: str, namespace: str | None = None) -> Manifest | None:
        return copy.deepcopy(self.objects.get(_key(kind.name, name, namespace)))

    def list(self, kind: Kind, namespace: str | None = None, *, labels: str = "") -> Manifests:
        return [
            copy.deepcopy(found)
            for (own, where, _), found in self.objects.items()
            if own == kind.name and namespace in (None, where) and _chosen(found, labels)
        ]

    def kinds(self, *, namespaced: bool = True) -> Sequence[Kind]:
        every = {
            Kind(found["kind"], found["apiVersion"]) for found in self.objects.values() if found["kind"] != "Event"
        }
        wanted = (kind for kind in every if namespaced == (kind.name not in _CLUSTER_WIDE))
        return sorted(wanted, key=lambda kind: kind.name)

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        if refusal := self._refuse(manifest):
            raise refusal
        if dry_run:
            self.dry.append(manifest)
            return manifest
        applied = copy.deepcopy(manifest)
        if applied["kind"] == "Pod":
            applied["status"] = {"conditions": [{"type": "PodScheduled", **(self._scheduled or {})}]}
        if applied["kind"] == "Node":
            applied["status"] = {**applied.get("status", {}), "conditions": [{"type": "Ready", "status": "True"}]}
        if applied["kind"] == "ResourceQuota":
            applied["status"] = {"hard": applied["spec"]["hard"], "used": {}}
        self.add(applied)
        return applied

    def create(self, manifest: Manifest) -> None:
        meta = manifest["metadata"]
        if _key(manifest["kind"], meta["name"], meta.get("namespace")) in self.objects:
            raise Refused(f"create {meta['name']}", 409, "it already exists")
        self.apply(manifest)
        if manifest["kind"] == EVICTION.name:
            grace_s = manifest.get("deleteOptions", {}).get("gracePeriodSeconds")
            self.delete(POD, meta["name"], meta["namespace"], grace_s=grace_s)

    def apart(self) -> "RecordedKube":
        return self

    def patch(
        self, kind: Kind, name: str, change: Manifest, namespace: str | None = None, *, dry_run: bool = False
    ) -> None:
        if dry_run:
            self.apply({"kind": kind.name, "metadata": {"name": name, "namespace": namespace}, **change}, dry_run=True)
            return
        _merge(self.objects[_key(kind.name, name, namespace)], change)

    def delete(self, kind: Kind, name: str, namespace: str | None = None, *, grace_s: int | None = None) -> None:
        self.deleted.append((kind.name, name, grace_s))
        self.on_delete(kind.name, name)
        if name in self._staying:
            return
        if found := self.objects.pop(_key(kind.name, name, namespace), None):
            self._tell("DELETED", found)
        if kind.name == "Namespace":
            self.objects = {key: found for key, found in self.objects.items() if key[1] != name}

    def logs(
        self, pod: str, namespace: str, *, container: str | None = None, lines: int = 500, previous: bool = False
    ) -> str:
        self._must_be_in(namespace, pod)
        said = self._logs.get(f"{pod}/{container}", self._logs.get(pod, ""))
        if previous:
            said = self._logs.get(f"{pod}/{container} before", "")
        return "\n".join(said.splitlines()[-lines:])

    def can_i(self, user: str, verb: str, resource: str, namespace: str, *, groups: Sequence[str] = ()) -> bool:
        if "system:authenticated" in groups and (verb, resource) in self._everybody:
            return True
        subjects = {(subject, verb, resource) for subject in (user, *groups)}
        return bool(subjects & self._cluster_wide) or (namespace == NAMESPACE and bool(subjects & self._rights))

    def actions(self) -> Sequence[tuple[str, str]]:
        return self._actions

    def may_i(self, verb: str, resource: str, namespace: str = "") -> bool:
        return self._admin

    def node_summary(self, node: str) -> Manifest:
        return dict(_answer(self._served, f"node {node}"))

    def changes(self, kind: Kind, namespace: str, *, since: str) -> Manifests:
        return list(_answer(self._served, f"{kind.name}s since {since}"))

    def proxy(self, pod: str, port: int, path: str, namespace: str, query: Sequence[tuple[str, Any]] = ()) -> Any:
        self._must_be_in(namespace, pod)
        return _answer(self._served, f"{pod}:{port}{path}")

    def exec(self, pod: str, namespace: str, argv: Sequence[str], *, container: str | None = None) -> Channel:
        self._must_be_in(namespace, pod)
        assert self._programs, f"nobody said what {argv[0]} does in {pod}"
        return self._programs(pod, argv)

    def watch(self, kind: Kind, namespace: str, seen: Callable[[str, Manifest], None], *, labels: str = "") -> Watch:
        for found in self.list(kind, namespace, labels=labels):
            seen("ADDED", found)
        self._watches.append(RecordedWatch(kind.name, labels, seen))
        return self._watches[-1]

    def _must_be_in(self, namespace: str, pod: str) -> None:
        """Fail if a pod is asked for in a namespace that is not its own; one that nobody recorded is the team's."""
        own = {where for kind, where, name in self.objects if (kind, name) == ("Pod", pod)} or {NAMESPACE}
        assert namespace in own, f"{pod} is in {', '.join(sorted(own))}, and was asked for in {namespace}"

    def _tell(self, event: str, changed: Manifest) -> None:
        for watch in self._watches:
            if not watch.closed and watch.kind == changed["kind"] and _chosen(changed, watch.labels):
                watch.seen(event, changed)


def _key(kind: str, name: str, namespace: str | None) -> tuple[str, str, str]:
    return kind, "" if kind in _CLUSTER_WIDE else namespace or "", name


def _chosen(found: Manifest, labels: str) -> bool:
    """Return True if an object has the labels that are asked for ("app=x,role!=y,has")."""
    own = found["metadata"].get("labels", {})
    parts = [part for part in labels.split(",") if part]
    if not {part for part in parts if "=" not in part} <= own.keys():
        return False
    wanted = (part.partition("=") for part in parts if "=" in part)
    return all((own.get(name.rstrip("!")) == value) != name.endswith("!") for name, _, value in wanted)


def _merge(found: Manifest, change: Manifest) -> None:
    for key, value in change.items():
        if isinstance(value, dict):
            _merge(found.setdefault(key, {}), value)
        else:
            found[key] = value


def _answer(answers: Mapping[str, Any], path: str) -> Any:
    """Return what is answered there; a refusal is raised, and of several answers each is given once, the last stays."""
    if path not in answers:
        raise Refused(f"reach {path}", 404, "not found")
    answer = answers[path]
    if isinstance(answer, deque):
        answer = answer.popleft() if len(answer) > 1 else answer[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


@dataclass
class RecordedPlace:
    """A place where `programs` run, and where these paths of any port are `served`."""

    programs: Callable[[Sequence[str]], RecordedStreams] = lambda _: RecordedStreams()
    served: Mapping[str, Any] = field(default_factory=dict)
    name: str = "recorded"
    started: list[RecordedStreams] = field(default_factory=list)

    def exec(self, argv: Sequence[str]) -> RecordedStreams:
        self.started.append(self.programs(argv))
        return self.started[-1]

    def get(self, port: int, path: str) -> Any:
        return _answer(self.served, path)


@dataclass
class RecordedDriver:
    """A driver's REST interface that knows these jobs, stages, tasks (by stage) and executions; fields as Spark's.

    `cores` are the driver's own for tasks: it has none where executors do the work. `executors` are those that it has
    or had, `in_memory` is what they keep.
    """

    jobs: Sequence[Manifest] = ()
    stages: Sequence[Manifest] = ()
    tasks: Mapping[int, Sequence[Manifest]] = field(default_factory=dict)
    executions: Sequence[Manifest] = ()
    executors: Sequence[Manifest] = ({"id": "1", "totalCores": 1},)
    in_memory: Sequence[Manifest] = ()
    cores: int = 0
    name: str = "driver"

    def exec(self, argv: Sequence[str]) -> RecordedStreams:
        raise AssertionError(f"{argv[0]} was not to run at the driver")

    def get(self, port: int, path: str) -> Any:
        asked = urlsplit(path.removeprefix(APPLICATIONS))
        wanted = {key: values[0].upper() for key, values in parse_qs(asked.query).items()}
        match asked.path.split("/")[1:]:
            case []:
                return [{"id": "app-1"}]
            case ["app-1", "jobs"]:
                return self.jobs
            case ["app-1", "stages"]:
                return [stage for stage in self.stages if wanted.get("status", stage["status"]) == stage["status"]]
            case ["app-1", "stages", stage, attempt, "taskList"]:
                known = [each["attemptId"] for each in self.stages if each["stageId"] == int(stage)]
                assert int(attempt) in (known or [0]), f"stage {stage} had the attempts {known}, not {attempt}"
                tasks = self.tasks.get(int(stage), ())
                found = [task for task in tasks if wanted.get("status", task["status"]) == task["status"]]
                return found[: int(wanted.get("length", _PAGE))]
            case ["app-1", "executors"]:
                return [each for each in self.executors if each["isActive"]]
            case ["app-1", "allexecutors"]:
                return [*self.executors, {"id": "driver", "totalCores": self.cores}]
            case ["app-1", "storage", "rdd"]:
                return self.in_memory
            case ["app-1", "sql"]:
                return self.executions[: int(wanted.get("length", _PAGE))]
            case ["app-1", "sql", number]:
                return next(each for each in self.executions if each["id"] == int(number))
        raise AssertionError(f"nobody recorded {path}")


def job(tag: str, *stages: int, number: int = 1, status: str = "SUCCEEDED") -> Manifest:
    """Return a job as Spark shows it: its tag comes after the session's id."""
    return {"jobId": number, "stageIds": list(stages), "jobTags": [f"spark-session-1-{tag}"], "status": status}


def stage(number: int, *, status: str = "COMPLETE", **counts: int) -> Manifest:
    """Return a stage as Spark shows it; `counts` are its numbers of tasks ("numFailedTasks")."""
    none = dict.fromkeys(("numTasks", "numCompleteTasks", "numActiveTasks", "numFailedTasks", "numKilledTasks"), 0)
    return {"stageId": number, "attemptId": 0, "status": status, **none, **counts}


def task(executor: str, *, host: str = "10.0.0.1", status: str = "SUCCESS") -> Manifest:
    """Return a task as Spark shows it."""
    return {"executorId": executor, "host": host, "status": status}


def repl(answers: Answers, *, client: str = "4.1.1", server: str = "4.1.1", waits: bool = False) -> RecordedStreams:
    """Return the client's process as spark/repl.py is one; with `waits` no started statement gets its answer."""
    statements: dict[str, str] = {}

    def answer(statement: str) -> Manifest:
        reply = answers(statement) if callable(answers) else _for(statement, answers)
        if isinstance(reply, str):
            return {"error": {"type": "Refused", "message": f"{reply}\n"}, "seconds": 0.1}
        columns = [f"c{number}" for number, _ in enumerate(reply[0] if reply else ())]
        return {"columns": columns, "rows": list(reply), "seconds": 0.1}

    def to(line: str) -> str:
        request = json.loads(line)
        match request["op"]:
            case "open":
                refused = answers("open") if callable(answers) else answers.get("open")
                opened = {"session": "session-1", "client": client, "server": server, "seconds": 0.1}
                return json.dumps(answer("open") if isinstance(refused, str) else opened)
            case "sql":
                return json.dumps(answer(request["sql"]))
            case "explain":
                shown = answer(request["sql"])
                told = {"explanation": shown["rows"][0][0], "rules": []} if "rows" in shown else {}
                return json.dumps({**shown, **told})
            case "settings":
                shown = answer("settings")
                return json.dumps({**shown, "names": [row[0] for row in shown.get("rows", ())]})
            case "start":
                statements[request["tag"]] = request["sql"]
            case "poll":
                found = None if waits else answer(statements[request["tag"]])
                return json.dumps({"answer": found, "seconds": 0.1})
        return json.dumps({"seconds": 0.1})

    return RecordedStreams(reply=to)


def _for(statement: str, answers: Mapping[str, Reply]) -> Reply:
    return next((reply for words, reply in answers.items() if words in statement), ())


def client(answers: Answers, *, causes: Callable[[], Sequence[Cause]] = tuple, waits: bool = False) -> Client:
    """Return a client whose process gives these answers, by a part of the statement ("" is a part of each)."""
    place: Place = RecordedPlace(lambda _: repl(answers, waits=waits))
    return Client(place, "sc://spark", lambda: None, causes)


def opening(error: str | None, asked: list[str]) -> Client:
    """A client whose server opens a session, or refuses with `error`; it notes the addresses in `asked`."""

    def reply(line: str) -> str:
        request = json.loads(line)
        asked.append(request.get("url", ""))
        found: dict[str, Any] = {"seconds": 0.1}
        found |= {"error": {"message": error}} if error else {"session": "1", "client": "4.1.1", "server": "4.1.1"}
        return json.dumps(found)

    return Client(RecordedPlace(lambda _: RecordedStreams(reply=reply)), "sc://c:15002", lambda: None, tuple)


def session(*rows: tuple[Any, ...], answers: Answers | None = None) -> Session:
    """Return a session in which every statement gives the same rows, or its own of `answers`."""
    return Session.open(client(answers or {"": rows}))


@dataclass
class RecordedPlatform:
    """A platform on a recorded API server, with a recorded driver, whose sessions give `answers`."""

    kube: RecordedKube = field(default_factory=RecordedKube)
    driver: RecordedDriver = field(default_factory=RecordedDriver)
    answers: Answers = field(default_factory=dict)
    causes: Sequence[Cause] = ()
    rendered: str = ""
    waits: bool = False
    discovery_script: str = "gpu-discovery.sh"
    # Called when a session is opened, as Spark starts executors.
    on_session: Callable[[], None] = lambda: None

    @property
    def workloads(self) -> Workloads:
        return Workloads(self.kube, NAMESPACE, NAME)

    @property
    def history(self) -> DriverRest:
        return DriverRest(self.driver)

    @property
    def catalogs(self) -> Catalogs:
        return Catalogs()

    @property
    def executor_places(self) -> Sequence[Place]:
        return [self.workloads.place_of(found) for found in self.workloads.executors]

    def open_session(self) -> Session:
        self.on_session()
        return Session.open(client(self.answers, causes=lambda: self.causes, waits=self.waits))

    open_session_apart = open_planner = open_session

    def render(self, presets: Sequence[str] | None = None, values: Mapping[str, Any] | None = None) -> str:
        return self.rendered

    def why(self) -> Sequence[Cause]:
        return self.causes


@dataclass(frozen=True)
class RecordedHelm(Helm):
    """Helm that prints `rendered`, notes what it is to do, and whose tests fail with `failure` if there is one."""

    rendered: str = ""
    failure: str = ""
    done: list[str] = field(default_factory=list)

    def install(self, release: str, *_: Any, **__: Any) -> None:
        self.done.append(f"install {release}")

    def uninstall(self, release: str, namespace: str) -> None:
        self.done.append(f"uninstall {release} in {namespace}")

    def template(self, *_: Any, **__: Any) -> str:
        return self.rendered

    def test(self, release: str, namespace: str) -> str:
        self.done.append(f"test {release} in {namespace}")
        if self.failure:
            raise CommandFailed(Completed(("helm", "test"), 1, self.rendered, self.failure, 1.0), "exited with code 1")
        return self.rendered


def helm(rendered: str = "", failure: str = "") -> RecordedHelm:
    """Return a recorded helm."""
    return RecordedHelm(Path("helm"), Path("kubeconfig"), rendered=rendered, failure=failure)
