"""Objects that land in a folder of the object store, and the ingest that they start."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.iceberg.store import ObjectStore
from sparkproof.iceberg.table import Table
from sparkproof.kube.objects import JOB, SCALED_JOB, Manifest, condition, job_of
from sparkproof.operations.counter import Counter
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row, Session

_COLUMNS = {"order_id": "bigint", "amount": "double", "source_object": "string"}
# How often KEDA looks before nothing more is expected of it, and how many jobs may fail before none will succeed.
_LOOKS = 3
_FAILURES = 3
_ENDS = {"Complete", "Failed"}
Objects = Mapping[str, Sequence[Row]]


def by_object(table: Iterable[Mapping[str, str]]) -> Objects:
    """Return the orders of a table with the columns object, order and amount, by the object's name."""
    found: dict[str, list[Row]] = {}
    for each in table:
        found.setdefault(each["object"], []).append((int(each["order"]), float(each["amount"])))
    return found


def one_each(count: int) -> Objects:
    """Return so many orders, each in an object of its own."""
    return {f"order-{number}": [(number, 1.5 * number)] for number in range(1, count + 1)}


@dataclass
class Landing:
    """The folder of a platform's ingest since `begin`, when it was empty, and its table.

    `rows` are those of the objects that have landed, `known` the unique ids of the jobs from before.
    """

    platform: Platform
    table: Table
    rows: list[Row] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, platform: Platform, session: Session) -> "Landing":
        """Remove what is left of other objects, and create the empty table that the platform's ingest fills."""
        found = cls(platform, Table(session, _settings(platform)["TABLE"]))
        found.close()
        found.table = Table.create(session, found.table.name, _COLUMNS)
        found.known = {each["metadata"]["uid"] for each in found._all_jobs()}
        return found

    def close(self) -> None:
        """Remove the objects, wait for the end of the job that may be at work on them, and remove the table."""
        for which in ("LANDING", "DONE"):
            self._store.remove(self.folder(which))
        eventually(
            "the end of the jobs of the ingest",
            lambda: [name_of(each) for each in self._all_jobs() if not has_ended(each)],
            lambda names: not names,
            within_s=timeouts.INGEST,
            on=On.PODS,
        )
        self.table.drop()

    def land(self, objects: Objects) -> None:
        """Write objects by their names, each with the orders (number, amount) that it has."""
        folder = self.folder("LANDING")
        self._store.write({f"{folder}/{name}.json": _text(rows) for name, rows in objects.items()})
        self.rows += [row for rows in objects.values() for row in rows]

    def running_pod(self) -> Manifest:
        """Wait for the pod of a job that is at work, and return it; raises GaveUp."""
        own = self.platform.workloads
        return eventually(
            f"the pod of a job of the ingest in {own.namespace}",
            lambda: [pod for pod in own.pods_of("ingest") if pod["status"].get("phase") == "Running"],
            bool,
            within_s=timeouts.INGEST,
            on=On.PODS,
            explain=own.why,
        )[0]

    def must_be_loaded(self) -> None:
        """Wait until jobs of KEDA's have moved all objects, and check that the table has each row that landed, once."""
        done = eventually(
            f"the end of the ingest in {self.platform.workloads.namespace}",
            lambda: (self._left, self.jobs),
            lambda seen: not seen[0] and all(map(has_ended, seen[1])) and any(map(succeeded, seen[1])),
            within_s=timeouts.INGEST,
            on=On.PODS,
            unrecoverable=lambda seen: self._why_none_will_succeed(seen[1]),
            explain=self.platform.workloads.why,
            show=lambda seen: f"{len(seen[0])} objects and the jobs {list(map(name_of, seen[1]))}",
        )[1]
        self.table.read("order_id, amount").must_hold(self.rows)
        evidence.prove(Level.EXECUTED, f"{', '.join(map(name_of, done))} brought {len(self.rows)} rows into the table")

    def must_be_at_rest(self) -> None:
        """Check that no object is left, and that no job begins while KEDA looks three times more."""
        before = list(map(name_of, self.jobs))
        Counter.of(self.platform).await_asking(_LOOKS)
        now = list(map(name_of, self.jobs))
        if self._left or now != before:
            raise CheckFailed(f"{len(self._left)} objects are left; the jobs were {before}, and they are {now}.")
        evidence.prove(Level.EXECUTED, f"No object is left, and no job followed {', '.join(before) or 'none'}")

    def must_have_worked_one_by_one(self) -> None:
        """Check that no job began before the one before it had ended, and that one was at work while KEDA looked."""
        spans = sorted(map(_span, self.jobs))
        longest = max(((end - begin).total_seconds() for begin, end in spans), default=0)
        polling_s = int(_scaled_job(self.platform)["spec"]["pollingInterval"])
        if longest <= polling_s:
            raise CheckFailed(
                f"No ingest was at work for more than {longest:.0f} s, and KEDA looks every {polling_s} s."
            )
        for (_, end), (begin, _) in pairwise(spans):
            if begin < end:
                raise CheckFailed(
                    f"An ingest began at {begin:%H:%M:%S}, and one before it ended at {end:%H:%M:%S} only."
                )
        evidence.prove(
            Level.EXECUTED, f"{len(spans)} ingests were at work one after another, the longest for {longest:.0f} s"
        )

    def must_not_have_begun(self) -> None:
        """Check that no job has begun."""
        if self.jobs:
            raise CheckFailed(f"Nothing landed, and the ingest began: {', '.join(map(name_of, self.jobs))}.")
        evidence.prove(Level.EXECUTED, "No ingest began")

    def must_wait_for_the_counter(self) -> None:
        """Wait until KEDA says that it cannot count, and looks in vain some times, and check that no job has begun."""
        waiting, since = len(self._left), clock.now()
        wait_s = _LOOKS * int(_scaled_job(self.platform)["spec"]["pollingInterval"])
        said = eventually(
            f"the word of KEDA that it cannot count objects, {wait_s} s after they landed",
            lambda: condition(_scaled_job(self.platform), "Ready"),
            lambda seen: seen.get("status") == "False" and clock.now() - since > wait_s,
            within_s=wait_s + timeouts.INGEST,
        )
        if self.jobs or not waiting:
            raise CheckFailed(f"{waiting} objects waited, and there are the jobs {list(map(name_of, self.jobs))}.")
        evidence.prove(Level.EXECUTED, f"{waiting} objects waited; KEDA says {said['reason']}: {said['message']}")

    def evidence(self) -> None:
        """Keep KEDA's object and the jobs."""
        evidence.attach("scaled job", _scaled_job(self.platform))
        evidence.attach("jobs", self.jobs)

    @property
    def jobs(self) -> list[Manifest]:
        """The jobs that KEDA has made since the beginning, the oldest first."""
        since = [each for each in self._all_jobs() if each["metadata"]["uid"] not in self.known]
        return sorted(since, key=lambda each: str(each["metadata"].get("creationTimestamp")))

    def _all_jobs(self) -> list[Manifest]:
        found = self.platform.workloads.of_kind(JOB)
        return [each for each in found if any(owner["kind"] == SCALED_JOB.name for owner in _owners(each))]

    def _why_none_will_succeed(self, jobs: Sequence[Manifest]) -> str | None:
        """Return the words of the last of several jobs that failed; None while the next may succeed."""
        failed = [each for each in jobs if has_ended(each) and not succeeded(each)]
        if len(failed) < _FAILURES:
            return None
        own, name = self.platform.workloads, name_of(failed[-1])
        pods = [pod for pod in own.pods_of("ingest") if pod["metadata"]["labels"].get("job-name") == name]
        said = own.kube.logs(pods[0]["metadata"]["name"], own.namespace).strip() if pods else "its pod is gone"
        return f"{len(failed)} jobs failed, the last with: {said}"

    @property
    def _left(self) -> Mapping[str, float]:
        return self._store.files(self.folder("LANDING"))

    @property
    def _store(self) -> ObjectStore:
        return ObjectStore.of(self.platform)

    def folder(self, which: str) -> str:
        """Return the path of the folder in which objects land (LANDING), or into which they are moved (DONE)."""
        found = _settings(self.platform)
        return f"{found['BUCKET']}/{found[which]}"


def _scaled_job(platform: Platform) -> Manifest:
    own = platform.workloads
    found = own.kube.get(SCALED_JOB, f"{own.release}-ingest", own.namespace)
    if found is None:
        raise CheckFailed(f"Nothing in {own.namespace} says what starts the ingest.")
    return found


def _settings(platform: Platform) -> dict[str, str]:
    """Return the plain variables of the ingest's job: its bucket, its folders and its table."""
    (container,) = job_of(_scaled_job(platform)["spec"])["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def _text(rows: Sequence[Row]) -> str:
    return "".join(json.dumps({"order_id": number, "amount": amount}) + "\n" for number, amount in rows)


def name_of(job: Manifest) -> str:
    """Return the job's name."""
    return str(job["metadata"]["name"])


def _owners(job: Manifest) -> Sequence[Manifest]:
    return list(job["metadata"].get("ownerReferences", ()))


def _ended_as(job: Manifest) -> set[str]:
    return {each["type"] for each in job.get("status", {}).get("conditions", ()) if each["status"] == "True"}


def has_ended(job: Manifest) -> bool:
    """True if the job is over, well or not."""
    return bool(_ended_as(job) & _ENDS)


def _span(job: Manifest) -> tuple[datetime, datetime]:
    """Return when a job that has ended began and ended."""
    status = job["status"]
    ended = (each["lastTransitionTime"] for each in status["conditions"] if each["type"] in _ENDS)
    return datetime.fromisoformat(status["startTime"]), datetime.fromisoformat(
        status.get("completionTime") or next(ended)
    )


def succeeded(job: Manifest) -> bool:
    """True if the job has done its work."""
    return "Complete" in _ended_as(job)
