"""The ways in which a component of a platform is disturbed, each undone by `end`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.labels import COMPONENT, NAMESPACE_NAME, OWNED, RELEASE
from sparkproof.kube.objects import NETWORK_POLICY, ROLE_BINDING, Manifest
from sparkproof.kube.places import Pod, run_to_end
from sparkproof.spark.workloads import Starts, Workloads, scale
from sparkproof.tenancy.account import Account
from sparkproof.tenancy.team import Team

# The components that can be disturbed, in users' words.
COMPONENTS: Mapping[str, str] = {
    "Connect server": "connect",
    "executor": "executor",
    "REST catalog": "rest-catalog",
    "Hive Metastore": "hive-metastore",
    "database": "postgres",
    "object store": "object-store",
    "History Server": "history-server",
}


class Disturbance(Protocol):
    """A disturbance of one component; `lasts_s` are the seconds for which it is left alone."""

    lasts_s: float

    def begin(self) -> None:
        """Disturb the component, and return when it is disturbed; raises GaveUp, CheckFailed."""

    @property
    def is_over(self) -> bool:
        """True if the component is as it was without anybody's help."""

    def end(self) -> None:
        """Undo the disturbance; one that is undone or did not begin is fine."""


@dataclass
class Killed:
    """The pod of a component, or the oldest executor, is killed without notice."""

    workloads: Workloads
    component: str
    lasts_s: float = 150.0
    _before: set[str] = field(default_factory=set)
    _victim: str = ""

    def begin(self) -> None:
        found = self._pods()
        if not found:
            raise CheckFailed(f"There is no {self.component} that could be killed.")
        self._before = {pod["metadata"]["uid"] for pod in found}
        self._victim = found[0]["metadata"]["uid"]
        self.workloads.end(found[0]["metadata"]["name"], killed=True)
        eventually(
            f"the end of {found[0]['metadata']['name']}",
            lambda: [pod["metadata"]["uid"] for pod in self._pods()],
            lambda uids: self._victim not in uids,
            within_s=timeouts.POD_READY,
        )

    @property
    def is_over(self) -> bool:
        """True if the pod is gone and as many others are ready; executors come back when they are needed."""
        found = {pod["metadata"]["uid"]: pod for pod in self._pods()}
        enough = len(found) >= len(self._before) or self.component == "executor"
        return self._victim not in found and enough and all(map(diagnosis.ready, found.values()))

    def end(self) -> None:
        """Do nothing: a killed pod is replaced, or it is not."""

    def _pods(self) -> list[Manifest]:
        own = self.workloads
        return own.executors if self.component == "executor" else own.pods_of(self.component)


@dataclass
class Hung:
    """All programs of a component but the one that only starts them are stopped, and do nothing any more."""

    workloads: Workloads
    component: str
    lasts_s: float = 420.0
    _pod: Pod | None = None
    _since: Starts = field(default_factory=dict)

    def begin(self) -> None:
        self._since = self.workloads.starts(self.component)
        self._pod = self.workloads.place(self.component)
        code, output = _run(self._pod, "kill -STOP -1; grep -l '^State:.*stopped' /proc/[0-9]*/status")
        if code or "/proc/" not in output:
            raise CheckFailed(f"No program of the {self.component} could be stopped: {output.strip()}")

    @property
    def is_over(self) -> bool:
        """True if another container or pod is in the place of the one that hung, and is ready."""
        now = self.workloads.starts(self.component)
        replaced = any(count > self._since.get(uid, -1) for uid, count in now.items())
        return replaced and all(map(diagnosis.ready, self.workloads.pods_of(self.component)))

    def end(self) -> None:
        if self._pod is not None and self.workloads.starts(self.component) == self._since:
            _run(self._pod, "kill -CONT -1")
        self._pod = None


@dataclass
class CutOff:
    """A network policy lets the pods of a component reach all but one other: `target`, or the cluster's API server."""

    workloads: Workloads
    component: str
    target: str
    host: str
    port: int
    lasts_s: float = 60.0

    def begin(self) -> None:
        own = self.workloads
        if _run(own.place(self.component), self._knock)[0]:
            raise CheckFailed(f"The {self.component} did not reach {self.host} before it was cut off from it.")
        own.kube.apply(self._policy)
        eventually(
            f"the {self.component} being cut off from {self.host}",
            lambda: _run(own.place(self.component), self._knock)[0],
            bool,
            within_s=timeouts.POLICY,
        )

    @property
    def is_over(self) -> bool:
        """False: nothing but the policy's end ends it."""
        return False

    def end(self) -> None:
        self.workloads.kube.delete(NETWORK_POLICY, self._policy["metadata"]["name"], self.workloads.namespace)

    @property
    def _knock(self) -> str:
        return f"timeout {timeouts.CONNECTION:g} bash -c '</dev/tcp/{self.host}/{self.port}'"

    @property
    def _policy(self) -> Manifest:
        own = self.workloads
        others = {"matchExpressions": [{"key": COMPONENT, "operator": "NotIn", "values": [self.target]}]}
        names = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}}}
        return {
            "apiVersion": NETWORK_POLICY.api_version,
            "kind": NETWORK_POLICY.name,
            "metadata": {"name": f"cut-off-{self.component}", "namespace": own.namespace, "labels": OWNED},
            "spec": {
                "podSelector": {"matchLabels": {RELEASE: own.release, COMPONENT: self.component}},
                "policyTypes": ["Egress"],
                "egress": [{"to": [{"podSelector": others}]}, {"to": [names], "ports": _ports(53)}],
            },
        }


@dataclass
class WithoutQuota:
    """The pod of a component is killed, and the quota of its namespace has no room for another."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0

    def begin(self) -> None:
        self._team.limit({"pods": "0"})
        Killed(self.workloads, self.component).begin()

    @property
    def is_over(self) -> bool:
        """True if there is a pod although there is no room for it."""
        return bool(self.workloads.pods_of(self.component))

    def end(self) -> None:
        self._team.lift_limit()
        self.workloads.must_be_ready()

    @property
    def _team(self) -> Team:
        return Team(self.workloads.kube, self.workloads.namespace)


@dataclass
class WithoutRights:
    """The account of a component that starts executors has no rights any more, and its executors are killed."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0
    _subjects: list[Manifest] = field(default_factory=list)

    def begin(self) -> None:
        own = self.workloads
        found = own.kube.get(ROLE_BINDING, self._name, own.namespace)
        if not found:
            raise CheckFailed(f"Nothing binds rights to the {self.component}, so none can be taken.")
        self._subjects = found["subjects"]
        own.kube.patch(ROLE_BINDING, self._name, {"subjects": []}, own.namespace)
        account = Account(own.kube, own.namespace, self._subjects[0]["name"])
        eventually(
            f"the end of the rights of the {self.component}",
            lambda: account.may("create", "pods"),
            lambda may: not may,
            within_s=timeouts.POLICY,
        )
        for executor in own.executors:
            own.end(executor["metadata"]["name"], killed=True)

    @property
    def is_over(self) -> bool:
        """False: nothing but the rights ends it."""
        return False

    def end(self) -> None:
        if self._subjects:
            own = self.workloads
            own.kube.patch(ROLE_BINDING, self._name, {"subjects": self._subjects}, own.namespace)
        self._subjects = []

    @property
    def _name(self) -> str:
        return f"{self.workloads.release}-{self.component}"


@dataclass
class ScaledToZero:
    """A component has no pods."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0
    _had: int | None = None

    def begin(self) -> None:
        self._had = scale(self.workloads, self.component, 0)
        eventually(
            f"the end of the {self.component}",
            lambda: [pod["metadata"]["name"] for pod in self.workloads.pods_of(self.component)],
            lambda names: not names,
            within_s=timeouts.POD_READY,
        )

    @property
    def is_over(self) -> bool:
        """True if somebody has started the component again."""
        return bool(self.workloads.pods_of(self.component))

    def end(self) -> None:
        if self._had:
            scale(self.workloads, self.component, self._had)
            self.workloads.must_be_ready()
        self._had = None


def _cut_off(target: str, port: int) -> Callable[[Workloads, str], Disturbance]:
    return lambda workloads, component: CutOff(workloads, component, target, f"{workloads.release}-{target}", port)


NO_ROOM = "is killed and the quota has no room for another"
# The disturbances, in words that follow the name of a component.
DISTURBANCES: Mapping[str, Callable[[Workloads, str], Disturbance]] = {
    "is killed": Killed,
    "hangs": Hung,
    "is scaled to zero": ScaledToZero,
    NO_ROOM: WithoutQuota,
    "loses its rights": WithoutRights,
    "is cut off from its database": _cut_off("postgres", 5432),
    "is cut off from the object store": _cut_off("object-store", 7070),
    "is cut off from the REST catalog": _cut_off("rest-catalog", 8181),
    "is cut off from the API server": lambda workloads, component: CutOff(
        workloads, component, "", "kubernetes.default.svc", 443
    ),
}


def disturbance(workloads: Workloads, component: str, does: str) -> Disturbance:
    """Return the disturbance of one of COMPONENTS, by words of DISTURBANCES."""
    return DISTURBANCES[does](workloads, COMPONENTS[component])


def _run(pod: Pod, script: str) -> tuple[int, str]:
    """Run a shell script in a pod and return its exit code and output."""
    return run_to_end(pod, ["bash", "-c", script], f"the end of {script!r} in {pod.name}", timeouts.TOOL)


def _ports(port: int) -> list[Manifest]:
    return [{"protocol": protocol, "port": port} for protocol in ("UDP", "TCP")]
