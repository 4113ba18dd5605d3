"""A platform that is already there: others installed it, and the run uses it as its users do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkproof.cluster.capabilities import Capabilities
from sparkproof.cluster.probes import Support
from sparkproof.cluster.target import Target
from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, SparkproofError, UsageError, first_line
from sparkproof.core.per_process import PerProcess
from sparkproof.core.progress import doing
from sparkproof.core.resources import Resources
from sparkproof.kube import diagnosis
from sparkproof.kube.objects import POD, Manifest, has_ended
from sparkproof.kube.places import Place, Pod, ThisMachine, last_words
from sparkproof.platform.additions import Additions
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.description import Description, Pods
from sparkproof.platform.provider import Needs, SharedPlatform
from sparkproof.platform.shared import Shared
from sparkproof.spark.catalogs import USUAL, Catalogs
from sparkproof.spark.history import DriverRest
from sparkproof.spark.session import Client, Session
from sparkproof.spark.workloads import Workloads, first_broken

_REACHED = "reached"
# A program of the client that says if something listens at a URL, or where its environment says.
_CONNECT = f"""
import os, socket, sys, urllib.parse
try:
    url = urllib.parse.urlsplit(sys.argv[1] or os.environ["SPARK_REMOTE"])
    socket.create_connection((url.hostname, url.port or 15002), 10).close()
    print("{_REACHED}")
except Exception as failed:
    print(type(failed).__name__, failed)
"""


@dataclass
class Existing:
    """A platform as `described`, with this version of Spark; databases of scenarios carry the run's id."""

    target: Target
    described: Description
    spark_version: str
    run: str
    _client: Client | None = field(default=None, repr=False)
    _served: Client | None = field(default=None, repr=False)

    @property
    def workloads(self) -> Workloads:
        """Raise SparkproofError: only an installer knows all workloads."""
        raise self._only_installed("its workloads are known")

    @property
    def history(self) -> DriverRest:
        """The REST interface of the Connect server's driver."""
        return DriverRest(self._pod(self.described.driver, "driver"))

    @property
    def executor_places(self) -> list[Pod]:
        """The pods of executors that have not ended."""
        return [self._place(pod, self.described.executors) for pod in self._pods(self.described.executors)]

    @property
    def catalogs(self) -> Catalogs:
        """The catalogs that the description names."""
        return Catalogs({str(kind): name for kind, name in self.described.catalogs.items()}, f"sparkproof_{self.run}_")

    @property
    def discovery_script(self) -> str:
        """Raise SparkproofError: nobody knows how its executors find GPUs."""
        raise self._only_installed("its program that finds GPUs is known")

    def open_session(self) -> Session:
        """Open a session as a user does, in the client process that all users share."""
        if self._client is None:
            self._client = self._new_client()
        return self._open(self._client)

    def open_session_apart(self) -> Session:
        """Open a session in a client process of its own."""
        return self._open(self._new_client())

    def open_planner(self) -> Session:
        """Raise SparkproofError: planning needs the pod that applications are submitted from."""
        raise self._only_installed("there is a pod that plans")

    def render(self, presets: Sequence[str] | None = None, values: Mapping[str, Any] | None = None) -> str:  # noqa: ARG002
        """Raise SparkproofError: no chart of the project describes it."""
        raise self._only_installed("its chart is known")

    def why(self) -> Sequence[Cause]:
        """Return the known causes of trouble in the platform's namespace."""
        return diagnosis.why(self.target.kube, self.described.namespace)

    def close(self) -> None:
        """End the client's process, and with it its sessions."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def evidence(self) -> None:
        """Keep the driver's state and log, and the last plans of its statements."""
        own = self.described
        for pod in self._pods(own.driver):
            name = pod["metadata"]["name"]
            evidence.attach(f"state of {name}", pod.get("status", {}))
            log = self.target.kube.logs(name, own.namespace, container=own.driver.container)
            evidence.attach(f"log of {name}", log)
        self.history.evidence()

    def must_be_as_described(self) -> None:
        """Check that users reach the server, and that it has the catalogs; raises UsageError that says what to mend."""
        self._must_be_reached()
        session = self.open_session()
        for catalog in self.described.catalogs.values():
            if (refusal := session.sql(f"SET CATALOG {catalog}").refusal) is not None:
                raise UsageError(
                    f"{self.described.name} has no catalog {catalog} ({first_line(refusal)}): mend catalogs in its "
                    "description."
                )
        session.close()
        self.close()

    def clean_up(self) -> None:
        """Drop the databases of the run's scenarios, with their tables and the tables' files."""
        session = self.open_session()
        for catalog in self.described.catalogs.values():
            for database in self._own_databases(session, catalog):
                own = f"{catalog}.{database}"
                for row in session.run(f"SHOW TABLES IN {own}").rows:
                    session.run(f"DROP TABLE {own}.{row[1]} PURGE")
                session.run(f"DROP NAMESPACE {own}")
        session.close()
        self.close()

    def _open(self, client: Client) -> Session:
        """Open a session; the first one of a client has to be served by the driver that the description names."""
        session = Session.open(client)
        if self._served is not client:
            own = self.described
            if session.server_version != self.spark_version:
                raise UsageError(
                    f"{own.name} runs Spark {session.server_version}, and the run is about {self.spark_version}: say "
                    f"-D spark={session.server_version}, or spark: in its description."
                )
            if reason := self.history.why_not_serving(session):
                raise UsageError(f"{own.name}: {reason}: mend endpoint or driver in its description.")
            self._served = client
        return session

    def _own_databases(self, session: Session, catalog: str) -> list[str]:
        found = session.sql(f"SHOW NAMESPACES IN {catalog} LIKE '{self.catalogs.prefix}*'")
        # A catalog of folders does not exist before its first table.
        if found.refusal is not None and "NoSuchNamespace" not in found.refusal:
            raise SparkproofError(
                f"The run's tables stay in {catalog} of {self.described.name}, in databases named "
                f"{self.catalogs.prefix}…: {found.refusal}"
            )
        return [str(row[0]) for row in found.rows]

    def _must_be_reached(self) -> None:
        """Check that something listens at the endpoint, since Spark's client would try for minutes."""
        client = self._new_client()
        program = client.place.exec([client.python, "-c", _CONNECT, self.described.endpoint])
        try:
            found = program.read_line(timeouts.API_CALL) or last_words(program)
        finally:
            program.close()
        if found != _REACHED:
            raise UsageError(
                f"The client of {self.described.name} does not reach {client.url} ({found.rstrip('.')}): mend endpoint "
                "or client in its description, or the platform."
            )

    def _new_client(self) -> Client:
        own = self.described
        url = own.endpoint or "the address in SPARK_REMOTE"
        place: Place = ThisMachine() if own.client is None else self._pod(own.client, "client")
        python = own.client.python if own.client else "python3"
        return Client(place, url, self._unrecoverable, self.why, names_url=bool(own.endpoint), python=python)

    def _unrecoverable(self) -> str | None:
        return first_broken(self._pods(self.described.driver))

    def _pods(self, wanted: Pods) -> list[Manifest]:
        found = self.target.kube.list(POD, self.described.namespace, labels=wanted.selector)
        return [pod for pod in found if not has_ended(pod)]

    def _pod(self, wanted: Pods, what: str) -> Pod:
        """Return the first ready pod of these; raises UsageError when there is none."""
        own, found = self.described, self._pods(wanted)
        ready = [pod for pod in found if diagnosis.ready(pod)]
        if not ready:
            state = f"{len(found)} are there and none is ready" if found else "there is none"
            raise UsageError(
                f"{own.name} has no {what} pod {wanted.selector} in namespace {own.namespace} ({state}): mend "
                f"{what}.selector in its description, or the platform."
            )
        return self._place(ready[0], wanted)

    def _place(self, pod: Manifest, wanted: Pods) -> Pod:
        return Pod(self.target.kube, self.described.namespace, pod["metadata"]["name"], wanted.container)

    def _only_installed(self, known: str) -> SparkproofError:
        return SparkproofError(f"{known[:1].upper()}{known[1:]} only where the run installed the platform itself.")


@dataclass
class ExistingProvider:
    """Provides one platform that is there, on the cluster that is `reached`, for all scenarios."""

    reached: PerProcess[Target] = field(repr=False)
    described: Description
    spark_version: str
    run: str
    additions: Additions = field(default_factory=Additions, repr=False)
    _shared: Mapping[PlatformClaim, Shared[SharedPlatform]] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> Target:
        """The cluster, which the first call in each process reaches."""
        return self.reached.get()

    @property
    def name(self) -> str:
        return f"{self.described.name} on {self.target.name}"

    @property
    def versions(self) -> dict[str, str]:
        return {"kubernetes": self.target.kube.version(), "spark": self.spark_version}

    @property
    def images(self) -> dict[str, str]:
        """Return no images: the run brought none."""
        return {}

    @property
    def shared(self) -> Mapping[PlatformClaim, Shared[SharedPlatform]]:
        return self._shared

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        """Probe the cluster, and open a session as users do; raises UsageError where the description is wrong."""
        with doing(f"opening a session on {self.described.name}"):
            self._platform().must_be_as_described()
        return Capabilities(self.target.kube).all(capabilities)

    def need(self, capabilities: Sequence[str]) -> None:
        """Do nothing: what is not there is not for the run to start."""

    def lack(self, needs: Needs) -> str:
        """Return why a scenario cannot run here: it installs, or is about something else than this platform."""
        own = self.described
        if not needs.users_only:
            return (
                f"{own.name} is already there, and this needs a platform that the run installs: leave out -D platform"
            )
        versions = {needs.spark_version, *(claim.spark_version for claim in needs.claims)} - {self.spark_version}
        if versions:
            return f"{own.name} runs Spark {self.spark_version}, and this is about {', '.join(sorted(versions))}"
        if others := {claim.class_name for claim in needs.claims} - set(own.platforms):
            return f"{own.name} is no {', '.join(sorted(others))} platform (platforms: in its description)"
        if absent := needs.catalogs - set(own.catalogs) - {USUAL}:
            return f"{own.name} has no {', '.join(sorted(absent))} catalog (catalogs: in its description)"
        return ""

    def capacity(self) -> None:
        """Return None: only its owners may say what it has to spare."""

    def make_room(self, wanted: Resources, shared: Collection[str]) -> None:
        """Do nothing: nothing of it is this run's."""

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        """Do nothing: the platform is there."""

    def share(self, users: Mapping[PlatformClaim, Collection[str]], folder: Path) -> None:
        self._shared = {
            claim: Shared(
                folder / f"{claim.class_name}-{claim.spark_version}",
                joining,
                make=self._platform,
                find=self._platform,
                remove=lambda: None,
            )
            for claim, joining in users.items()
        }

    def end(self) -> None:
        """Drop what the scenarios made; the platform stays."""
        if self._shared:
            with doing(f"removing the run's tables from {self.described.name}"):
                self._platform().clean_up()

    def _platform(self) -> Existing:
        return Existing(self.target, self.described, self.spark_version, self.run)
