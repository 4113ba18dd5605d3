"""A platform that the suite installs: the release of a chart in a team's namespace."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sparkproof.charts.values import merged
from sparkproof.cluster.target import Target
from sparkproof.core import evidence
from sparkproof.core.errors import Cause, SparkproofError
from sparkproof.core.spans import On
from sparkproof.kube.places import Pod
from sparkproof.platform.spec import NAME, ReleaseSpec, secrets
from sparkproof.spark.catalogs import Catalogs
from sparkproof.spark.executors import Executors
from sparkproof.spark.history import DriverRest
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Answer, Client, Session
from sparkproof.spark.workloads import Starts, Workloads, await_pods
from sparkproof.tenancy.account import Account
from sparkproof.tenancy.team import Team

# The values of a platform whose users need a token, which is in the Secret of this name.
ASKS_FOR_A_TOKEN = {"connect": {"authentication": {"existingSecret": "connect-token"}}}
T = TypeVar("T")


def installed(platform: Platform) -> "Release":
    """Return the platform as a release; raises SparkproofError for one that the suite did not install."""
    if isinstance(platform, Release):
        return platform
    raise SparkproofError("This needs a platform that the run installed itself, and the run did not install this one.")


@dataclass
class Release:
    """A platform that is installed from `spec` as the release `name`.

    `room` is entered with the manifests and their namespace while they are installed.
    """

    target: Target
    team: Team
    spec: ReleaseSpec
    name: str = NAME
    room: Callable[[str, str], AbstractContextManager[object]] = field(
        default=lambda _manifests, _namespace: nullcontext(), repr=False
    )
    _client: Client | None = field(default=None, repr=False)
    _served: Client | None = field(default=None, repr=False)
    _planner: Client | None = field(default=None, repr=False)

    def install(self) -> None:
        """Install the specification, or upgrade to it, and wait until all workloads are ready.

        The images and the Secrets that it names are made available first. A release that is installed already from the
        same specification is only checked for readiness. Raises process.CommandFailed, GaveUp.
        """
        digest = self.spec.digest(self._values(self.spec))
        if self.team.recall(self._installed) != digest:
            with evidence.spending(On.INSTALLING, f"{self.name} in {self.team.namespace}"):
                rendered = self.render()
                self.target.provide(rendered)
                with self.room(rendered, self.team.namespace):
                    for secret, keys in secrets(rendered).items():
                        self.team.keep_secret(secret, keys)
                    self._helm(self.spec, self.target.helm.install)
                    await_pods(self.workloads)
            self.team.remember(self._installed, digest)
        self.workloads.must_be_ready()

    def upgrade(self, version: str) -> None:
        """Change the platform to this version of Spark and wait until it is ready; its sessions end."""
        self.close()
        self.spec = self.spec.of_version(version)
        self.install()

    def repair(self) -> None:
        """Apply the release again with helm, so that objects of it that are missing are made anew."""
        self._helm(self.spec, self.target.helm.install)
        self.workloads.must_be_ready()

    def uninstall(self) -> None:
        """Uninstall the release with helm, as an operator does; its sessions end."""
        self.close()
        self.target.helm.uninstall(self.name, self.team.namespace)

    def render(self, presets: Sequence[str] | None = None, values: Mapping[str, Any] | None = None) -> str:
        """Return the manifests that helm renders, with these presets or with `values` over the release's own."""
        own = self.spec if presets is None else replace(self.spec, presets=presets, values={})
        return self._helm(replace(own, values={**own.values, **(values or {})}), self.target.helm.template)

    def close(self) -> None:
        """End the client processes in its pods, and with them their sessions; the platform stays."""
        for client in filter(None, (self._client, self._planner)):
            client.close()
        self._client = self._planner = None

    @property
    def workloads(self) -> Workloads:
        """The pods and other workloads of the release."""
        return Workloads(self.target.kube, self.team.namespace, self.name)

    @property
    def history(self) -> DriverRest:
        """The REST interface of the Connect server's driver."""
        return DriverRest(self.workloads.place("connect"))

    @property
    def catalogs(self) -> Catalogs:
        """The catalogs of the charts."""
        return Catalogs()

    @property
    def executor_places(self) -> list[Pod]:
        """The pods of the executors of the Connect server."""
        return list(map(self.workloads.place_of, self.workloads.executors))

    @property
    def discovery_script(self) -> str:
        """The path, in the platform's image, of the program that finds an executor's GPUs."""
        return "/opt/sparkproof/gpu-discovery.sh"

    def open_session(self) -> Session:
        """Open a session through the Service, as a user in the client pod does."""
        return self._open(self._user())

    def open_session_apart(self) -> Session:
        """Open a session in a client process of its own: its statements do not wait for those of other sessions."""
        return self._open(self._new_user())

    def open_planner(self) -> Session:
        """Open a session whose driver is a process of the submitting pod, which can show what RAPIDS plans."""
        if self._planner is None:
            self._planner = Client(
                self.workloads.place("submit"), "local[1]", self._unrecoverable, self.why, names_url=True
            )
        return Session.open(self._planner)

    def try_connect(self, token: str = "") -> Answer:
        """Open a session with this token, or with none, and close it; a refusal is an answer."""
        user = self._user()
        return Session.try_connect(user, f"{user.url}/;authorization=Bearer%20{token}" if token else user.url)

    def why(self) -> list[Cause]:
        """Return the known causes of trouble in the platform's namespace."""
        return self.workloads.why()

    def kill_driver(self) -> list[str]:
        """Kill the driver's pod and wait until the next is ready; return the names of the killed one's executors."""
        names = Executors.of(self).names
        self.workloads.restart("connect", killed=True)
        return names

    def limit_executors(self, count: int) -> None:
        """Set the team's quota of pods to those of the platform without executors, and `count` more."""
        Executors.of(self).must_be(0)
        self.team.limit({"pods": str(len(self.workloads.staying) + count)})

    def must_come_back(self, *, since: Starts) -> None:
        """Wait until the driver runs again after its program was killed, and the platform is ready.

        `since` are the driver's starts from before the kill.
        The client's process still waits for the old driver, so the next session gets a new process.
        """
        self.close()
        self.workloads.must_restart("connect", since=since)

    def evidence(self) -> None:
        """Keep the state and logs of the platform's namespace and the last plans of its driver."""
        self.team.evidence()
        self.history.evidence()

    def _helm(self, spec: ReleaseSpec, act: Callable[..., T]) -> T:
        """Call a function of helm ("install", "template") with a specification; return its result."""
        return act(self.name, spec.chart, self.team.namespace, values=self._values(spec), presets=spec.files)

    def _values(self, spec: ReleaseSpec) -> dict[str, Any]:
        """Return the values that win over the presets."""
        return {"sparkVersion": spec.spark_version, **self.target.values, **spec.values}

    @property
    def _installed(self) -> str:
        return f"installed-{self.name}"

    def _unrecoverable(self) -> str | None:
        """Return why no statement can get an answer any more: broken pods, or no right to create executors."""
        workloads = self.workloads
        if (broken := workloads.broken) or workloads.is_standalone:
            return broken
        driver = Account.of(self, "driver")
        if not workloads.executors and not driver.may("create", "pods"):
            return f"{driver.user} may not create pods, so no executor can come"
        return None

    def _open(self, user: Client) -> Session:
        """Open a session; the first one of a client's process has to be served by the platform's own Spark."""
        session = Session.open(user)
        if self._served is not user:
            if reason := self.history.why_not_of(session):
                raise SparkproofError(f"The platform in {self.team.namespace} would not do the work: {reason}.")
            self._served = user
        return session

    def _user(self) -> Client:
        """Return the client's process, which the first call starts."""
        if self._client is None:
            self._client = self._new_user()
        return self._client

    def _new_user(self) -> Client:
        url = self.workloads.variable("client", "SPARK_REMOTE").partition("/;")[0]
        return Client(self.workloads.place("client"), url, self._unrecoverable, self.why)


def elsewhere(release: Release, team: Team, values: Mapping[str, Any]) -> Release:
    """Return the same platform for another team, with `values` over its own; it is not installed yet."""
    spec = replace(release.spec, values=merged(release.spec.values, values))
    return Release(release.target, team, spec, release.name, release.room)
