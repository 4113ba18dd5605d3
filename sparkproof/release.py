"""An installed platform: its chart's release in a team's namespace, its driver, executors and client."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from sparkproof import causes, evidence, timeouts
from sparkproof.account import Account, Accounts
from sparkproof.application import Application
from sparkproof.cluster import cache
from sparkproof.errors import Cause, CheckFailed
from sparkproof.evidence import Level
from sparkproof.executors import A_QUERY_FOR_EXECUTORS, Departure, Headcount, Overlap, Query, Work
from sparkproof.helm import Helm
from sparkproof.kube import NAMESPACE, POD, SERVICE_ACCOUNT, Channel, Manifest
from sparkproof.notebook import Notebooks
from sparkproof.places import Pod
from sparkproof.spark.history import Archive, History
from sparkproof.spark.session import Answer, Client, Session, new_tag
from sparkproof.standalone import Cluster
from sparkproof.target import Target, helm_program
from sparkproof.team import OWNED, Team
from sparkproof.trial import Trial
from sparkproof.wait import eventually
from sparkproof.workloads import Workloads, first_broken, restarts

NAME = "spark"
# The values of a platform whose users must present a token, which a Secret of this name holds.
ASKS_FOR_A_TOKEN = {"connect": {"authentication": {"existingSecret": "connect-token"}}}
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

    def digest(self, values: Mapping[str, Any]) -> str:
        """Twelve hexadecimal digits that change when the chart's files do, the presets, or `values` over them."""
        files = sorted(each for each in self.chart.rglob("*") if each.is_file())
        named = [str(each.relative_to(self.chart)) for each in files]
        return cache.digest(*named, *files, *self.presets, json.dumps(values, sort_keys=True))

    def rendered_here(self) -> str:
        """The manifests of all that it installs, as helm renders them without a cluster."""
        helm = Helm(helm_program(), Path(os.devnull))
        values = {"sparkVersion": self.spark_version, **self.values}
        return helm.template(NAME, self.chart, NAME, values=values, presets=self.files)

    @property
    def all_presets(self) -> tuple[str, ...]:
        """The names of all presets that the chart has."""
        return tuple(sorted(path.stem.removesuffix("-values") for path in (self.chart / "presets").iterdir()))


@dataclass
class Release:
    """Spark Connect with its catalog and client, installed from one of our charts under the name `name`.

    `make_room` is told the manifests of what is about to be installed.
    """

    target: Target
    team: Team
    blueprint: Blueprint
    name: str = NAME
    make_room: Callable[[str], None] = field(default=lambda _: None, repr=False)
    _client: Client | None = field(default=None, repr=False)
    _planner: Client | None = field(default=None, repr=False)

    def install(self) -> None:
        """Install what the blueprint says, or upgrade to it, and wait until driver and client are ready.

        The images and the Secrets that it names are made available first. A release that was left installed from this
        very blueprint is only looked at.
        """
        digest = self.blueprint.digest(self._values)
        if self.team.recall(self._installed) != digest:
            rendered = self.rendered
            self.make_room(rendered)
            self.target.provide(rendered)
            for secret, keys in _secrets(rendered).items():
                self.team.keep_secret(secret, keys)
            self._helm(self.target.helm.install)
            self.team.remember(self._installed, digest)
        self.must_be_ready()

    def upgrade(self, version: str) -> None:
        """Upgrade the platform to this version of Spark and wait until it is ready; its sessions end."""
        self.close()
        self.blueprint = replace(self.blueprint, spark_version=version)
        self.install()

    def provide(self) -> None:
        """Have the images that the blueprint names where the cluster's nodes find them."""
        self.target.provide(self.rendered)

    @property
    def rendered(self) -> str:
        """The manifests of all that the blueprint installs, as helm renders them."""
        return self._helm(self.target.helm.template)

    def rendered_with(self, *presets: str) -> str:
        """The manifests of the release's chart and version with these presets instead, and no other values."""
        plan = replace(self.blueprint, presets=presets, values={})
        return replace(self, blueprint=plan).rendered

    def close(self) -> None:
        """End the processes in its pods that hold sessions; the platform stays."""
        for client in filter(None, (self._client, self._planner)):
            client.close()
        self._client = self._planner = None

    def must_be_of(self, version: str) -> None:
        """Check that the server, and the client that asks it, are this version of Spark."""
        session = self.open_session()
        if {session.client_version, session.server_version} != {version}:
            raise CheckFailed(f"The client is {session.client_version}, the server {session.server_version}.")
        evidence.prove(Level.EXECUTED, f"Client and server are Spark {version}")

    def must_be_ready(self) -> None:
        """Wait until all that the release runs is ready and its jobs are done; raises GaveUp with the cause."""
        eventually(
            f"the readiness of the platform in {self.team.namespace}",
            lambda: self.workloads.unready,
            lambda unready: not unready,
            within_s=timeouts.POD_READY,
            hopeless=lambda _: self.workloads.broken,
            explain=self.why,
        )

    def restart(self, component: str, *, killed: bool = False) -> None:
        """End the pod of a component ("rest-catalog"), at once if `killed`, and wait until the next one is ready."""
        ended = self.workloads.pod(component)["metadata"]
        self.target.kube.delete(POD, ended["name"], self.team.namespace, grace_s=0 if killed else None)
        eventually(
            f"the {component} pod that follows {ended['name']} in {self.team.namespace}",
            lambda: [pod for pod in self.workloads.pods_of(component) if pod["metadata"]["uid"] != ended["uid"]],
            lambda pods: bool(pods) and all(map(causes.ready, pods)),
            within_s=timeouts.POD_READY,
            hopeless=first_broken,
            explain=self.why,
        )

    def uninstall(self) -> None:
        """Remove the platform as its operator does."""
        self.target.helm.uninstall(self.name, self.team.namespace)

    def must_leave(self, expected: Sequence[str]) -> None:
        """Wait until nothing remains of the release but what is expected ("PersistentVolumeClaim spark-warehouse")."""
        eventually(
            f"the end of all of the platform in {self.team.namespace} but {', '.join(expected) or 'nothing'}",
            lambda: self.workloads.remains,
            lambda remains: remains == sorted(expected),
            within_s=timeouts.UNINSTALLED,
        )
        evidence.prove(Level.EXECUTED, f"What remains of the platform: {', '.join(expected) or 'nothing'}")

    def why(self) -> list[Cause]:
        """The known causes of trouble in the platform's namespace."""
        return self.workloads.why()

    def _helm(self, act: Callable[..., T]) -> T:
        """Let helm render or install the blueprint."""
        plan = self.blueprint
        return act(self.name, plan.chart, self.team.namespace, values=self._values, presets=plan.files)

    @property
    def _values(self) -> dict[str, Any]:
        """What is laid over the presets."""
        plan = self.blueprint
        return {"sparkVersion": plan.spark_version, **self.target.image_values, **plan.values}

    @property
    def _installed(self) -> str:
        return f"installed-{self.name}"

    @property
    def workloads(self) -> Workloads:
        """What the release runs."""
        return Workloads(self.target.kube, self.team.namespace, self.name)

    @property
    def driver(self) -> str:
        """The name of the pod that runs the Spark Connect server."""
        return str(self.driver_pod["metadata"]["name"])

    @property
    def driver_pod(self) -> Manifest:
        """The pod that runs the Spark Connect server."""
        return self.workloads.pod("connect")

    @property
    def submitter(self) -> Pod:
        """The pod that applications are submitted from."""
        return self.workloads.place("submit")

    @property
    def executors(self) -> list[Manifest]:
        """The executor pods of the Connect server that exist now and have not ended."""
        return self.workloads.executors

    @property
    def executor_places(self) -> list[Pod]:
        """Where the executors of the Connect server run."""
        return list(map(self.workloads.place_of, self.executors))

    @property
    def discovery_script(self) -> str:
        """The program that tells an executor its GPUs, as the platform's image has it."""
        return "/opt/sparkproof/gpu-discovery.sh"

    @property
    def standalone(self) -> Cluster | None:
        """The standalone cluster whose workers run the executors; None where executors are pods."""
        if self.blueprint.chart.name != "spark-standalone":
            return None
        return Cluster(self.target.kube, self.team.namespace, self.name, self.why)

    @property
    def history(self) -> History:
        return History(self.workloads.place("connect"))

    @property
    def notebooks(self) -> Notebooks:
        """The release's JupyterLab, and the token that lets its users in."""
        pod = self.workloads.pod("jupyter")
        token = self._told(pod, "JUPYTER_TOKEN")
        url = f"http://{self.name}-jupyter.{self.team.namespace}.svc:8888"
        return Notebooks(self.workloads.place_of(pod), url, token)

    @property
    def access_key(self) -> str:
        """The id of the key with which the platform's driver opens the object store."""
        return self._told(self.driver_pod, "AWS_ACCESS_KEY_ID")

    @property
    def archive(self) -> Archive:
        return Archive(self.workloads.place("history-server"))

    def account(self, role: str) -> Account:
        """The service account of the "driver" or of an "executor"."""
        pod = self.driver_pod if role == "driver" else self.an_executor()
        return Account(self.target.kube, self.team.namespace, pod["spec"]["serviceAccountName"])

    def test(self) -> Trial:
        """Run the chart's own tests, as its operator does."""
        return Trial.run(self.target.helm, self.workloads)

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

    def an_executor(self) -> Manifest:
        """An executor of the Connect server; where idle ones have gone, one that a query starts."""
        if not self.executors:
            self.open_session().run(A_QUERY_FOR_EXECUTORS)
        return eventually(
            f"an executor in {self.team.namespace}",
            lambda: self.executors,
            lambda pods: bool(pods),
            within_s=timeouts.EXECUTORS,
            explain=self.why,
        )[0]

    def accounts(self) -> Accounts:
        """What each service account of the release may do, by its component."""
        found = [each["metadata"] for each in self.workloads.of_kind(SERVICE_ACCOUNT)]
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
        return Session.open(self._user())

    def open_session_apart(self) -> Session:
        """A new session in a client process of its own: its statements do not wait for those of other sessions."""
        return Session.open(self._new_user())

    def open_planner(self) -> Session:
        """A session whose driver is a process of the submitting pod: it can tell what RAPIDS plans."""
        if self._planner is None:
            self._planner = Client(self.submitter, "local[1]", self._hopeless, self.why)
        return Session.open(self._planner)

    def knock(self, token: str = "") -> Answer:
        """Ask for a session with this token, or with none, whatever the platform gives its users."""
        user = self._user()
        return Session.knock(user, f"{user.url}/;authorization=Bearer%20{token}" if token else user.url)

    def submit(self, name: str, mode: str, table: str) -> Application:
        """Submit an example application from the submitting pod, in "client" or "cluster" mode, to its end."""
        pod = self.submitter
        program = "/opt/spark/bin/spark-submit" if self.standalone else "/opt/sparkproof/k8s_submit.py"

        def run(arguments: Sequence[str]) -> Channel:
            return pod.exec([program, *arguments])

        return Application.submit(run, name, mode, table, explain=self.why)

    def work(self, *, executors: int) -> Work:
        """Run work for this many executors to its end."""
        headcount = Headcount(self.target.kube, self.team.namespace)
        return Work.run(self.open_session(), headcount, executors=executors)

    def work_while_an_executor_goes(self, *, killed: bool) -> Departure:
        """Run work for two executors to its end; the first that is at work is told to go, or is `killed`.

        In a standalone cluster the worker goes in which it runs.
        """
        headcount = Headcount(self.target.kube, self.team.namespace)
        session, history, tag = self.open_session(), self.history, new_tag()
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(Work.run, session, headcount, executors=2, tag=tag)
            host = history.hosts_at_work(tag, 1)[0]
            pod = next(pod for pod in self.workloads.staying if pod["status"].get("podIP") == host)["metadata"]["name"]
            self.target.kube.delete(POD, pod, self.team.namespace, grace_s=0 if killed else None)
            work = running.result()
        return Departure(work, pod, history.lost_tasks(work.answer.tag), history.workers(work.answer.tag))

    def work_beside_a_short_query(self, *, executors: int) -> Overlap:
        """Run work for this many executors and, as soon as all are at work, another user's short query."""
        headcount, history, tag = Headcount(self.target.kube, self.team.namespace), self.history, new_tag()
        # The other user has a session already: to open one takes as long as the work where all is slow.
        other = self.open_session_apart()
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(Work.run, self.open_session(), headcount, executors=executors, tag=tag)
            history.hosts_at_work(tag, executors)
            # The work's last stage comes after this one, and waits for a moment whoever is served first.
            stages = history.stages_at_work(tag)
            short = other.sql(A_QUERY_FOR_EXECUTORS)
            waiting = history.waiting_tasks(tag, stages)
            work = running.result()
        other.client.close()
        return Overlap(work, short, waiting)

    def kill_driver(self) -> list[str]:
        """Kill the driver's pod and wait for the next one; the names of the executors that the killed one had."""
        names = [pod["metadata"]["name"] for pod in self.executors]
        self.restart("connect", killed=True)
        return names

    def beside_driver(self, argv: Sequence[str]) -> Channel:
        """Start a program in the driver's container and return its standard streams."""
        return replace(self.workloads.place("connect"), container="connect").exec(argv)

    def must_come_back(self) -> None:
        """Wait until the driver's container, after its program was killed, runs anew and the platform is ready.

        The client's process has waited for the old driver; who comes next gets a new one.
        """
        self.close()
        eventually(
            f"the restart of {self.driver}",
            lambda: restarts(self.driver_pod),
            lambda count: count > 0,
            within_s=timeouts.POD_READY,
            explain=self.why,
        )
        self.must_be_ready()

    def start_query(self, *, executors: int) -> Query:
        """Start a query for this many executors, whether or not they come."""
        return Query.start(self.open_session(), self.target.kube, self.team.namespace, executors=executors)

    def leave_room_for(self, executors: int) -> None:
        """Give the team a quota of as many pods as the platform has without executors, and this many more."""
        self.must_have_executors(0)
        self.team.limit({"pods": str(len(self.workloads.staying) + executors)})

    def must_run_restricted(self) -> None:
        """Check that driver, client and an executor run in a namespace that enforces `restricted`."""
        namespace = self.target.kube.get(NAMESPACE, self.team.namespace) or {}
        enforced = namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce")
        if enforced != "restricted":
            raise CheckFailed(f"The namespace {self.team.namespace} enforces {enforced or 'nothing'}, not restricted.")
        pods = [self.driver_pod, self.workloads.pod("client"), self.an_executor()]
        contexts = {pod["metadata"]["name"]: [c["securityContext"] for c in pod["spec"]["containers"]] for pod in pods}
        evidence.prove(Level.ADMITTED, f"{', '.join(contexts)} were admitted", security_contexts=contexts)

    def must_own_its_executors(self) -> None:
        """Check that each executor belongs to the driver's pod, with which Kubernetes will remove it."""
        driver = self.driver_pod["metadata"]
        owners = {
            pod["metadata"]["name"]: [owner["uid"] for owner in pod["metadata"].get("ownerReferences", [])]
            for pod in [self.an_executor(), *self.executors]
        }
        strangers = [name for name, uids in owners.items() if uids != [driver["uid"]]]
        if strangers:
            raise CheckFailed(f"{', '.join(strangers)} do not belong to {driver['name']} alone.")
        evidence.prove(Level.EXECUTED, f"{', '.join(owners)} belong to {driver['name']}")

    def must_have_lost(self, executors: Sequence[str]) -> None:
        """Wait until none of these executors exists any more; there must have been some."""
        if not executors:
            raise CheckFailed("The driver had no executors that could have gone with it.")
        for name in executors:
            self.target.kube.must_be_gone(POD, name, self.team.namespace, within_s=timeouts.EXECUTORS_GONE)
        evidence.prove(Level.EXECUTED, f"{', '.join(executors)} went with their driver")

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

    def _hopeless(self) -> str | None:
        """Why a statement can get no answer any more: the platform's pods are broken, or executors cannot come."""
        if broken := self.workloads.broken:
            return broken
        if self.standalone:
            return None
        driver = self.account("driver")
        if not self.executors and not driver.may("create", "pods"):
            return f"{driver.user} may not create pods, so no executor can come"
        return None

    def _user(self) -> Client:
        """The client's process, started by the first who asks."""
        if self._client is None:
            self._client = self._new_user()
        return self._client

    def _new_user(self) -> Client:
        pod = self.workloads.pod("client")
        remote = next(e["value"] for e in pod["spec"]["containers"][0]["env"] if e["name"] == "SPARK_REMOTE")
        url = remote.partition("/;")[0]
        return Client(self.workloads.place_of(pod), url, self._hopeless, self.why)

    def _told(self, pod: Manifest, variable: str) -> str:
        """What a Secret tells the pod's first container by this variable."""
        found = next(each for each in pod["spec"]["containers"][0]["env"] if each["name"] == variable)
        secret = found["valueFrom"]["secretKeyRef"]
        return self.team.secret(secret["name"], secret["key"])


def _secrets(manifests: str) -> dict[str, set[str]]:
    """The Secrets that these manifests take values from, with the keys that they ask for."""

    def asked(node: Any) -> Iterator[Mapping[str, str]]:
        if isinstance(node, Mapping) and "secretKeyRef" in node:
            yield node["secretKeyRef"]
        for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
            yield from asked(inner)

    found: dict[str, set[str]] = defaultdict(set)
    for manifest in yaml.safe_load_all(manifests):
        for reference in asked(manifest):
            found[reference["name"]].add(reference["key"])
    return found
