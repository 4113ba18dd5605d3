"""An installed platform: its chart's release in a team's namespace, its driver, executors and client."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sparkproof import causes, evidence, timeouts
from sparkproof.account import Account, Accounts
from sparkproof.errors import Cause, CheckFailed
from sparkproof.evidence import Level
from sparkproof.executors import LABEL, Headcount, Work, alive
from sparkproof.kube import DEPLOYMENT, JOB, NAMESPACE, POD, SERVICE_ACCOUNT, STATEFUL_SET, Manifest
from sparkproof.notebook import Notebooks
from sparkproof.spark.history import History
from sparkproof.spark.session import Client, Session
from sparkproof.target import Target
from sparkproof.team import OWNED, Team
from sparkproof.trial import Trial
from sparkproof.wait import GaveUp, eventually

NAME = "spark"
T = TypeVar("T")


@dataclass(frozen=True)
class Blueprint:
    """What a platform is installed from: a chart's folder, Spark's version, presets by name, and values over them."""

    chart: Path
    spark_version: str
    presets: Sequence[str] = ("small",)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        """The presets' values files, weakest first."""
        return [self.chart / "presets" / f"{preset}-values.yaml" for preset in self.presets]

    @property
    def all_presets(self) -> tuple[str, ...]:
        """The names of all presets that the chart has."""
        return tuple(sorted(path.stem.removesuffix("-values") for path in (self.chart / "presets").iterdir()))


@dataclass
class Release:
    """Spark Connect with its catalog and client, installed from one of our charts under the name `name`."""

    target: Target
    team: Team
    blueprint: Blueprint
    name: str = NAME
    _client: Client | None = field(default=None, repr=False)

    def install(self) -> None:
        """Install what the blueprint says, or upgrade to it, and wait until driver and client are ready.

        The images that it names are made available first. A release that was left installed from this very blueprint
        is only looked at.
        """
        rendered = self.rendered
        digest = hashlib.sha256(rendered.encode()).hexdigest()
        if self.team.recall(self._installed) != digest:
            self.target.provide(rendered)
            self._helm(self.target.helm.install)
            self.team.remember(self._installed, digest)
        self.must_be_ready()

    def provide(self) -> None:
        """Have the images that the blueprint names where the cluster's nodes find them."""
        self.target.provide(self.rendered)

    @property
    def rendered(self) -> str:
        """The manifests of all that the blueprint installs, as helm renders them."""
        return self._helm(self.target.helm.template)

    def close(self) -> None:
        """End the client's process; the platform stays."""
        if self._client:
            self._client.close()
            self._client = None

    def must_be_ready(self) -> None:
        """Wait until all that the release runs is ready and its jobs are done; raises GaveUp with the cause."""
        eventually(
            f"the readiness of the platform in {self.team.namespace}",
            self._unready,
            lambda unready: not unready,
            within_s=timeouts.POD_READY,
            hopeless=lambda _: _broken(self._pods()),
            explain=self.why,
        )

    def why(self) -> list[Cause]:
        """The known causes of trouble in the platform's namespace."""
        return causes.why(self.target.kube, self.team.namespace, driver=f"{self.name}-connect-0")

    def _helm(self, act: Callable[..., T]) -> T:
        """Let helm render or install the blueprint."""
        plan = self.blueprint
        values = {"sparkVersion": plan.spark_version, **self.target.image_values, **plan.values}
        return act(self.name, plan.chart, self.team.namespace, values=values, presets=plan.files)

    @property
    def _installed(self) -> str:
        return f"installed-{self.name}"

    @property
    def driver(self) -> str:
        """The name of the pod that runs the Spark Connect server."""
        return str(self._component("connect")["metadata"]["name"])

    @property
    def executors(self) -> list[Manifest]:
        """The executor pods that exist now and have not ended."""
        return [pod for pod in self.target.kube.list(POD, self.team.namespace, labels=LABEL) if alive(pod)]

    @property
    def history(self) -> History:
        return History(self.target.kube, self.team.namespace, self.driver)

    @property
    def notebooks(self) -> Notebooks:
        """The release's JupyterLab, and the token that lets its users in."""
        pod = self._component("jupyter")
        given = {variable["name"]: variable for variable in pod["spec"]["containers"][0]["env"]}
        secret = given["JUPYTER_TOKEN"]["valueFrom"]["secretKeyRef"]
        token = self.team.secret(secret["name"], secret["key"])
        url = f"http://{self.name}-jupyter.{self.team.namespace}.svc:8888"
        return Notebooks(self.target.kube, self.team.namespace, pod["metadata"]["name"], url, token)

    def account(self, role: str) -> Account:
        """The service account of the "driver" or of an "executor"."""
        pod = self._component("connect") if role == "driver" else self._an_executor()
        return Account(self.target.kube, self.team.namespace, pod["spec"]["serviceAccountName"])

    def test(self) -> Trial:
        """Run the chart's own tests, as its operator does."""
        return Trial.run(self.target.helm, self.target.kube, self.name, self.team.namespace)

    def give_away(self, role: str, verb: str, resource: str) -> None:
        """Let the account of the "driver" do what no account should ("list", "secrets")."""
        account = self.account(role)
        metadata = {"name": "given-away", "namespace": self.team.namespace, "labels": OWNED}
        api = "rbac.authorization.k8s.io"
        rules = [{"apiGroups": [""], "resources": [resource], "verbs": [verb]}]
        self.target.kube.apply({"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": rules})
        self.target.kube.apply(
            {
                "apiVersion": f"{api}/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": api, "kind": "Role", "name": "given-away"},
                "subjects": [{"kind": "ServiceAccount", "name": account.name, "namespace": self.team.namespace}],
            }
        )

    def accounts(self) -> Accounts:
        """What each service account of the release may do, by its component."""
        owned = f"app.kubernetes.io/instance={self.name}"
        found = [each["metadata"] for each in self.target.kube.list(SERVICE_ACCOUNT, self.team.namespace, labels=owned)]
        return Accounts.ask(
            {
                each["labels"]["app.kubernetes.io/component"]: Account(
                    self.target.kube, self.team.namespace, each["name"]
                )
                for each in found
            }
        )

    def open_session(self) -> Session:
        """A new session, as a user in the client pod opens it, through the Service."""
        if self._client is None:
            pod = self._component("client")
            url = next(e["value"] for e in pod["spec"]["containers"][0]["env"] if e["name"] == "SPARK_REMOTE")
            self._client = Client(
                self.target.kube, self.team.namespace, pod["metadata"]["name"], url, self._hopeless, self.why
            )
        return Session.open(self._client)

    def work(self, *, executors: int) -> Work:
        """Run work for this many executors to its end."""
        headcount = Headcount(self.target.kube, self.team.namespace)
        return Work.run(self.open_session(), headcount, executors=executors)

    def leave_room_for(self, executors: int) -> None:
        """Give the team a quota of as many pods as the platform has without executors, and this many more."""
        self.must_have_executors(0)
        self.team.limit({"pods": str(len(self._pods()) + executors)})

    def must_run_restricted(self) -> None:
        """Check that driver, client and an executor run in a namespace that enforces `restricted`."""
        namespace = self.target.kube.get(NAMESPACE, self.team.namespace) or {}
        enforced = namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce")
        if enforced != "restricted":
            raise CheckFailed(f"The namespace {self.team.namespace} enforces {enforced or 'nothing'}, not restricted.")
        pods = [self._component("connect"), self._component("client"), self._an_executor()]
        contexts = {pod["metadata"]["name"]: [c["securityContext"] for c in pod["spec"]["containers"]] for pod in pods}
        evidence.prove(Level.ADMITTED, f"{', '.join(contexts)} were admitted", security_contexts=contexts)

    def must_have_executors(self, count: int) -> None:
        """Wait until exactly `count` executors exist."""
        eventually(
            f"{count} executors in {self.team.namespace}",
            lambda: len(self.executors),
            lambda seen: seen == count,
            within_s=timeouts.EXECUTORS_GONE,
            explain=self.why,
        )
        evidence.prove(Level.EXECUTED, f"{count} executors exist")

    def evidence(self) -> None:
        """Keep what the platform's namespace shows and the last plans of its driver."""
        self.team.evidence()
        self.history.evidence()

    def _an_executor(self) -> Manifest:
        return eventually(
            f"an executor in {self.team.namespace}",
            lambda: self.executors,
            lambda pods: bool(pods),
            within_s=timeouts.EXECUTORS,
            explain=self.why,
        )[0]

    def _hopeless(self) -> str | None:
        """Why a statement can get no answer any more: the platform's pods are broken, or executors cannot come."""
        if broken := _broken(self._pods()):
            return broken
        driver = self.account("driver")
        if not self.executors and not driver.may("create", "pods"):
            return f"{driver.user} may not create pods, so no executor can come"
        return None

    def _unready(self) -> list[str]:
        """The release's workloads that do not stand yet, by kind and name."""
        owned = f"app.kubernetes.io/instance={self.name}"
        return [
            f"{kind.name} {found['metadata']['name']}"
            for kind in (STATEFUL_SET, DEPLOYMENT, JOB)
            for found in self.target.kube.list(kind, self.team.namespace, labels=owned)
            if not _stands(found)
        ]

    def _pods(self) -> list[Manifest]:
        """The pods that are to stay: those of Jobs and of tests end."""
        owned = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component!=test"
        found = self.target.kube.list(POD, self.team.namespace, labels=owned)
        return [
            pod for pod in found if not any(o["kind"] == JOB.name for o in pod["metadata"].get("ownerReferences", []))
        ]

    def _component(self, name: str) -> Manifest:
        labels = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component={name}"
        found = self.target.kube.list(POD, self.team.namespace, labels=labels)
        if not found:
            raise GaveUp(f"The platform in {self.team.namespace} has no {name} pod", self.why())
        return found[0]


def _stands(workload: Manifest) -> bool:
    """Whether a Job is done, or all pods of another workload are those of its present form, and ready."""
    spec, status = workload["spec"], workload.get("status", {})
    if workload["kind"] == JOB.name:
        return bool(status.get("succeeded"))
    counts = {status.get(count, 0) for count in ("replicas", "updatedReplicas", "readyReplicas")}
    return status.get("observedGeneration") == workload["metadata"]["generation"] and counts == {spec["replicas"]}


def _broken(pods: list[Manifest]) -> str | None:
    """Why the first of these pods that cannot become ready any more cannot; None when all still may."""
    return next(filter(None, map(causes.hopeless, pods)), None)
