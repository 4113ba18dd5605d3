"""The workers of a standalone cluster that follow its applications: when they come, when they go, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sparkproof.core import evidence, timeouts
from sparkproof.core.aside import together
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.dry_run import DryRun, refusal
from sparkproof.kube.labels import COMPONENT, RELEASE
from sparkproof.kube.objects import POD, SCALED_OBJECT, STATEFUL_SET, Manifest, condition, selector
from sparkproof.kube.streams import Watch
from sparkproof.spark.application import Application
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row, Session
from sparkproof.spark.standalone import Ran, StandaloneCluster


@dataclass
class Life:
    """When a worker's pod was created, and when somebody had it go; None while nobody has."""

    came: datetime
    went: datetime | None = None


@dataclass
class ElasticWorkers:
    """The workers of a platform since `watch` began, by their pods' unique ids."""

    platform: Platform
    lives: dict[str, Life] = field(default_factory=dict)
    _watch: Watch | None = field(default=None, repr=False)

    @classmethod
    def watch(cls, platform: Platform) -> "ElasticWorkers":
        """Wait until there are no workers, and note from then on which come and go."""
        workers = cls(platform)
        workers.must_be_none()
        own = platform.workloads
        workers._watch = own.kube.watch(
            POD, own.namespace, workers._note, labels=selector({RELEASE: own.release, COMPONENT: "worker"})
        )
        return workers

    @classmethod
    def after(cls, application: Application, platform: Platform) -> "ElasticWorkers":
        """Return the workers that have just ended this application with success."""
        application.must_succeed()
        return cls(platform)

    def close(self) -> None:
        """End the watch; raises SparkproofError when it may have missed a worker."""
        if self._watch:
            self._watch.close()

    def _note(self, event: str, pod: Manifest) -> None:
        meta = pod["metadata"]
        life = self.lives.setdefault(meta["uid"], Life(datetime.fromisoformat(meta["creationTimestamp"])))
        if life.went is None and (event == "DELETED" or "deletionTimestamp" in meta):
            life.went = datetime.now(UTC)

    @property
    def scaled_object(self) -> Manifest:
        """KEDA's object that says what the workers follow, as the API server has it."""
        own = self.platform.workloads
        found = own.kube.get(SCALED_OBJECT, f"{own.release}-worker", own.namespace)
        if found is None:
            raise CheckFailed(f"Nothing in {own.namespace} says what the workers follow.")
        return found

    @property
    def wanted(self) -> int:
        """The number of workers that the platform is to have now."""
        own = self.platform.workloads
        return int((own.kube.get(STATEFUL_SET, f"{own.release}-worker", own.namespace) or {})["spec"]["replicas"])

    def must_be_none(self) -> None:
        """Wait until there is no worker."""
        own = self.platform.workloads
        eventually(
            f"the end of all workers in {own.namespace}",
            lambda: [pod["metadata"]["name"] for pod in own.pods_of("worker")],
            lambda names: not names,
            within_s=timeouts.WORKERS,
            on=On.PODS,
            explain=self.platform.why,
        )

    def must_have_come_within(self, seconds: float, applications: Sequence[Application]) -> None:
        """Check that the first worker was created so soon after the master had the first of these applications."""
        first = min(each.began for each in self._runs(applications))
        came = [life.came for life in self.lives.values()]
        if not came:
            raise CheckFailed("No worker came for the application.")
        # Kubernetes writes no fractions of seconds.
        after = (min(came) - first.replace(microsecond=0)).total_seconds()
        if not 0 <= after <= seconds:
            raise CheckFailed(f"The first worker came {after:.0f} s after the application, not within {seconds:g} s.")
        evidence.measured("from the application to the first worker", after, "s", f"at most {seconds:g} s")
        evidence.prove(Level.EXECUTED, f"The first worker came {after:.0f} s after the application")

    def must_have_been(self, count: int) -> None:
        """Check that exactly so many workers have come since the watch began."""
        if len(self.lives) != count:
            raise CheckFailed(f"{len(self.lives)} workers came, not {count}: {self.lives}")
        evidence.prove(Level.EXECUTED, f"{count} workers came", workers=str(self.lives))

    def must_have_kept_to_the_maximum(self, applications: Sequence[Application]) -> None:
        """Check that there were as many workers at once as there may be, while more applications were there."""
        most = int(self.scaled_object["spec"]["maxReplicaCount"])
        runs = self._runs(applications)
        if len(runs) <= most or max(each.began for each in runs) >= min(each.ended for each in runs):
            raise CheckFailed(f"{len(runs)} applications, or not all at once, want no more than the {most} workers.")
        at_once = max((self._at_once(life.came) for life in self.lives.values()), default=0)
        if at_once != most:
            raise CheckFailed(f"There were {at_once} workers at once, and not {most}: {self.lives}")
        evidence.prove(
            Level.EXECUTED, f"There were {most} workers at once, as many as there may be, for {len(runs)} applications"
        )

    def _at_once(self, moment: datetime) -> int:
        return sum(life.came <= moment and (life.went is None or life.went > moment) for life in self.lives.values())

    def must_have_stayed_for(self, applications: Sequence[Application]) -> None:
        """Check that no worker went before the last of these applications had ended, longer than they stay idle."""
        runs = self._runs(applications)
        last = max(each.ended for each in runs)
        longest = max((each.ended - each.began).total_seconds() for each in runs)
        if longest <= self._cooldown_s:
            raise CheckFailed(f"The applications took {longest:.0f} s, in which no idle worker would have gone.")
        early = [life for life in self.lives.values() if life.went and life.went < last]
        if early or not self.lives:
            raise CheckFailed(f"{len(early)} of {len(self.lives)} workers went before {last:%H:%M:%S}: {self.lives}")
        evidence.prove(Level.EXECUTED, f"{len(self.lives)} workers stayed for {longest:.0f} s, until the work was done")

    def must_go_within(self, seconds: float, applications: Sequence[Application]) -> None:
        """Wait until no worker is left, and check that they went so soon after their cooldown, and not before."""
        self.must_be_none()
        last = max(each.ended for each in self._runs(applications))
        after = [(life.went - last).total_seconds() for life in self.lives.values() if life.went]
        if len(after) < len(self.lives) or not after:
            raise CheckFailed(f"Nobody saw the workers go: {self.lives}")
        cooldown = self._cooldown_s
        if min(after) < cooldown - 2 * self._polling_s or max(after) > cooldown + seconds:
            seen = ", ".join(f"{each:.0f}" for each in after)
            raise CheckFailed(f"The workers went {seen} s after the last application; they cool down for {cooldown} s.")
        promise = f"at most {cooldown + seconds:g} s"
        evidence.measured("from the end of the applications to that of the workers", max(after), "s", promise)
        evidence.prove(
            Level.EXECUTED, f"All workers went {max(after):.0f} s after the last application", cooldown_s=cooldown
        )

    def must_stay_without_master(self) -> None:
        """Check that the number of workers does not change, longer than idle ones stay, and that somebody says why."""
        wanted, since = self.wanted, datetime.now(UTC)
        if not wanted:
            raise CheckFailed("There is no worker that could stay.")
        wait_s = self._cooldown_s + 2 * self._polling_s
        said = eventually(
            f"the word of KEDA that it cannot count applications, {wait_s} s after the master went",
            lambda: (self.wanted, condition(self.scaled_object, "Ready")),
            lambda seen: seen[1].get("status") == "False" and (datetime.now(UTC) - since).total_seconds() > wait_s,
            within_s=wait_s + timeouts.WORKERS,
            unrecoverable=lambda seen: f"there are {seen[0]} workers, not {wanted}" if seen[0] != wanted else None,
        )[1]
        evidence.prove(Level.EXECUTED, f"{wanted} workers stayed, and KEDA says {said['reason']}: {said['message']}")

    def must_follow_again(self) -> None:
        """Wait until KEDA counts applications again, and takes the workers away that have none."""
        said = eventually(
            "the word of KEDA that it counts applications",
            lambda: condition(self.scaled_object, "Ready"),
            lambda seen: seen.get("status") == "True",
            within_s=timeouts.WORKERS,
        )
        self.must_be_none()
        evidence.prove(Level.EXECUTED, f"The workers without work went, and KEDA says {said['reason']}")

    def second(self) -> DryRun:
        """Return the API server's answer to a second object of KEDA for the same workers."""
        first = self.scaled_object
        second = {key: first[key] for key in ("apiVersion", "kind", "spec")}
        metadata = {"name": "second", "namespace": first["metadata"]["namespace"]}
        return DryRun(refusal(self.platform.workloads.kube, {**second, "metadata": metadata}))

    def evidence(self) -> None:
        """Keep KEDA's object and the workers that came and went."""
        evidence.attach("scaled object", self.scaled_object)
        evidence.attach("workers", str(self.lives))

    def _runs(self, applications: Sequence[Application]) -> Sequence[Ran]:
        cluster = StandaloneCluster.of(self.platform)
        return [cluster.must_have_run(each.submitted_as) for each in applications]

    @property
    def _cooldown_s(self) -> int:
        return int(self.scaled_object["spec"]["cooldownPeriod"])

    @property
    def _polling_s(self) -> int:
        return int(self.scaled_object["spec"]["pollingInterval"])


def submitted_at_once(platform: Platform, name: str, tables: Sequence[str]) -> Sequence[Application]:
    """Submit an example at once for each of these tables, in client mode, and wait for the end of all."""
    return together(
        lambda table: Application.submit(platform, name, "client", table), tables, at_once=max(1, len(tables))
    )


def must_have_written(session: Session, applications: Sequence[Application], rows: Sequence[Row]) -> None:
    """Check that each application succeeded, and that a user finds just these rows in its table."""
    for each in applications:
        each.must_succeed()
        each.must_have_written(session, rows)


def drop(session: Session, tables: Sequence[str]) -> None:
    """Drop the tables of applications, and their databases."""
    for each in tables:
        session.run(f"DROP TABLE IF EXISTS {each} PURGE")
        session.run(f"DROP NAMESPACE IF EXISTS {each.rpartition('.')[0]}")
