"""Backups of a platform, made, checked and restored by Jobs that are made of its CronJob, as an operator does it."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.objects import CRON_JOB, JOB, POD, Manifest, has_ended
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads

_NAME = "%Y-%m-%dT%H%M%S.%fZ"
_NAMED = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")
# What can happen to a backup, in users' words, and what harm.py calls it.
HARMS = {"lost one bit": "flip", "was cut off": "cut", "is more than a day old": "age"}
# A Job that a person makes of a CronJob belongs to it and is marked, as `kubectl create job --from` does it.
_BY_HAND = {"cronjob.kubernetes.io/instantiate": "manual"}
_OWNER = {"apiVersion": "batch/v1", "kind": "CronJob", "controller": True}
_HARM = Path(__file__).with_name("harm.py")


@dataclass(frozen=True)
class BackupRun(evidence.Brought):
    """A Job that ended: the verb that it was given, its exit status (0: it is done), what it said, its seconds."""

    verb: str
    status: int
    said: str
    seconds: float

    @property
    def trouble(self) -> str | None:
        """The reason why it is not done."""
        return f"to {self.verb} a backup failed: {self.said}" if self.status else None

    @property
    def to_read(self) -> str | None:
        """What it did, in its own words."""
        return self.said

    @property
    def name(self) -> str:
        """The name of the backup that it is about; raises CheckFailed where it names none."""
        found = _NAMED.search(self.said)
        if found is None or self.status:
            raise CheckFailed(f"There is no backup: {self.said}")
        return found[0]

    @property
    def began_at(self) -> float:
        """The moment at which the backup began, in seconds since the epoch, which is its name."""
        return datetime.strptime(self.name, _NAME).replace(tzinfo=UTC).timestamp()

    def must_be_done(self) -> None:
        """Check that it is done."""
        evidence.look_at(self)
        if self.status:
            raise CheckFailed(f"The Job that was to {self.verb} a backup ended with {self.status}: {self.said}")
        evidence.prove(Level.EXECUTED, f"After {self.seconds:.1f} s: {self.said}")

    def must_be_refused(self, reason: str) -> None:
        """Check that it was not done, for this reason."""
        evidence.look_at(self)
        if not self.status:
            raise CheckFailed(
                f"The Job had to refuse to {self.verb} a backup because of {reason!r}, and did it: {self.said}"
            )
        ended = f"The Job that was to {self.verb} a backup ended with {self.status}"
        if reason not in self.said:
            raise CheckFailed(f"{ended}, but not because of {reason!r}: {self.said}")
        evidence.prove(Level.EXECUTED, f"{ended}: {self.said}")


@dataclass(frozen=True)
class Backups:
    """The backups of the release of these workloads."""

    workloads: Workloads

    @classmethod
    def of(cls, platform: Platform) -> "Backups":
        """Return the backups of a platform; one without a CronJob for them is refused when they are asked for."""
        return cls(platform.workloads)

    def make(self) -> BackupRun:
        """Take a backup now."""
        return self._end(self._begin("make"))

    def hold(self) -> str:
        """Be at work on the volume as a backup is, for a minute; return the name of the Job."""
        name = self._begin("hold", _program("hold"))
        eventually(
            f"the work of the Job {name}",
            lambda: self._said(self._pod_of(name)),
            lambda said: "held" in said,
            within_s=timeouts.POD_READY,
            on=On.PODS,
            explain=self.workloads.why,
        )
        return name

    def let_go(self, name: str) -> None:
        """End the work of such a Job."""
        pod = self._pod_of(name)["metadata"]["name"]
        self.workloads.kube.delete(JOB, name, self.workloads.namespace)
        self.workloads.kube.must_be_gone(POD, pod, self.workloads.namespace, within_s=timeouts.POD_READY)

    def make_on_a_full_volume(self) -> BackupRun:
        """Take a backup on a volume that has room for less than its first file."""
        small = {"name": "data", "emptyDir": {"medium": "Memory", "sizeLimit": "16Ki"}}
        return self._end(self._begin("make", volume=small))

    def check(self, name: str = "") -> BackupRun:
        """Read the newest backup whole, which also must not be too old, or the one of this name."""
        return self._end(self._begin("check", ["check", name] if name else None))

    @property
    def keep(self) -> int:
        """The number of backups that the platform keeps."""
        (container,) = self._cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        return int(next(each["value"] for each in container["env"] if each["name"] == "KEEP"))

    @property
    def names(self) -> list[str]:
        """The names of the backups that are there, the oldest first."""
        listed = self._end(self._begin("list"))
        listed.must_be_done()
        return _NAMED.findall(listed.said)

    def clear(self) -> None:
        """Remove all backups."""
        self._end(self._begin("clear", _program("clear"))).must_be_done()

    def restore(self, what: str = "all") -> BackupRun:
        """Restore "all" of the newest backup, or its "databases" or its "objects" only."""
        return self._end(self._begin("restore", ["restore", "newest", what]))

    def harm(self, how: str) -> None:
        """Let what is one of HARMS happen to the newest backup."""
        verb = HARMS[how]
        self._end(self._begin(verb, _program(verb))).must_be_done()

    def make_when_it_is_time(self) -> BackupRun:
        """Let the next minute but one be the time of the schedule for once, and return the backup that comes then."""
        job = self._cron_job
        name, schedule = job["metadata"]["name"], job["spec"]["schedule"]
        before = self._scheduled(name)
        at = datetime.fromtimestamp(clock.now(), UTC) + timedelta(seconds=75)
        self._schedule(name, f"{at.minute} {at.hour} * * *")
        try:
            (made,) = eventually(
                f"the Job of {name} at {at:%H:%M}",
                lambda: self._scheduled(name) - before,
                bool,
                within_s=timeouts.SCHEDULED,
                on=On.PODS,
            )
            return self._end(made, "make")
        finally:
            self._schedule(name, schedule)

    def delete_schedule(self) -> None:
        """Delete the CronJob, so that no backup is taken any more; those that were taken stay on their volume."""
        self.workloads.kube.delete(CRON_JOB, self._cron_job["metadata"]["name"], self.workloads.namespace)

    def _scheduled(self, name: str) -> set[str]:
        """Return the names of the Jobs that the CronJob made itself."""
        jobs = self.workloads.kube.list(JOB, self.workloads.namespace)
        made = [
            job["metadata"] for job in jobs if not _BY_HAND.items() <= job["metadata"].get("annotations", {}).items()
        ]
        return {job["name"] for job in made if any(owner["name"] == name for owner in job.get("ownerReferences", ()))}

    def _schedule(self, name: str, schedule: str) -> None:
        metadata = {"name": name, "namespace": self.workloads.namespace}
        changed = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": {"schedule": schedule}}
        self.workloads.kube.apply(changed)

    @property
    def _cron_job(self) -> Manifest:
        name = f"{self.workloads.release}-backup"
        found = self.workloads.kube.get(CRON_JOB, name, self.workloads.namespace)
        if found is None:
            raise SparkproofError(f"The platform in {self.workloads.namespace} takes no backups: set backup.enabled.")
        return found

    def _begin(self, verb: str, args: Sequence[str] | None = None, *, volume: Manifest | None = None) -> str:
        """Make a Job of the CronJob, with these arguments or this volume in place of its own; return its name."""
        own = self._cron_job
        template: Any = own["spec"]["jobTemplate"]
        pod = template["spec"]["template"]["spec"]
        container = pod["containers"][0]
        if args and args[0].startswith("/"):
            container["command"], container["args"] = args[:1], args[1:]
        else:
            container["args"] = args or [verb]
        if volume:
            pod["volumes"] = [volume if each["name"] == volume["name"] else each for each in pod["volumes"]]
        # What is refused once is to be seen once.
        template["spec"] |= {"backoffLimit": 0, "ttlSecondsAfterFinished": 3600}
        name = f"{self.workloads.release}-backup-{verb}-{uuid.uuid4().hex[:6]}"
        metadata = {
            "name": name,
            "namespace": self.workloads.namespace,
            "annotations": _BY_HAND,
            "ownerReferences": [{**_OWNER, "name": own["metadata"]["name"], "uid": own["metadata"]["uid"]}],
        }
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]}
        self.workloads.kube.create(job)
        return name

    def _end(self, name: str, verb: str = "") -> BackupRun:
        """Wait for the end of a Job and return what its program did and said."""
        began = clock.now()
        pod = eventually(
            f"the end of the Job {name}",
            lambda: self._pod_of(name),
            has_ended,
            within_s=timeouts.BACKUP,
            on=On.PODS,
            unrecoverable=lambda found: None if not found or has_ended(found) else diagnosis.unrecoverable(found),
            explain=self.workloads.why,
            show=lambda found: found.get("status", {}).get("phase") or "no pod",
        )
        ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
        said = self._said(pod) or "it said nothing"
        return BackupRun(verb or name.split("-")[-2], ended["exitCode"], said, clock.now() - began)

    def _said(self, pod: Manifest) -> str:
        return self.workloads.kube.logs(pod["metadata"]["name"], self.workloads.namespace).strip() if pod else ""

    def _pod_of(self, name: str) -> Manifest:
        found = self.workloads.kube.list(POD, self.workloads.namespace, labels=f"job-name={name}")
        return found[0] if found else {}


def _program(how: str) -> list[str]:
    return ["/usr/bin/python3", "-c", _HARM.read_text(), how]
