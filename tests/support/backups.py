"""A recorded API server on which the Jobs of backups end at once."""

from collections.abc import Mapping
from typing import Any

from sparkproof.kube.objects import CRON_JOB, JOB, Manifest
from tests.support import recorded
from tests.support.recorded import RecordedKube

NAME = "2026-11-27T090000.500000Z"
MADE = f"{NAME} has 3 databases, 9 new objects and 0 as before; 1.5 s."


class Cluster(RecordedKube):
    """A cluster in which each Job's pod has ended at once with `status`, having said `said`."""

    def __init__(self, *objects: Manifest, status: int = 0, said: str = MADE, waiting: str = "") -> None:
        super().__init__(*objects)
        self.status, self.said, self.waiting, self.made = status, said, waiting, list[Manifest]()

    def create(self, manifest: Manifest) -> None:
        super().create(manifest)
        self.made.append(manifest)
        self.start(manifest["metadata"]["name"])

    def start(self, job: str) -> None:
        phase = "Pending" if self.waiting else "Failed" if self.status else "Succeeded"
        state: dict[str, Any] = {"terminated": {"exitCode": self.status}}
        if self.waiting:
            state = {"waiting": {"reason": self.waiting}}
        status = {"containerStatuses": [{"name": "backup", "state": state}]}
        self.add(recorded.pod(f"{job}-pod", "backup", phase=phase, labels={"job-name": job}, status=status))

    def logs(self, *_: Any, **__: Any) -> str:
        return f"{self.said}\n"

    @property
    def last(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The spec of the last Job, and its container."""
        spec = self.made[-1]["spec"]
        return spec, spec["template"]["spec"]["containers"][0]


def cron_job() -> Manifest:
    container = {"name": "backup", "image": "backup", "args": ["make"]}
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "spark-backup"}}, {"name": "tmp"}]
    template = {"spec": {"backoffLimit": 2, "template": {"spec": {"containers": [container], "volumes": volumes}}}}
    return recorded.manifest(CRON_JOB, "spark-backup", spec={"schedule": "0 3 * * *", "jobTemplate": template})


def job(name: str) -> Manifest:
    found = recorded.manifest(JOB, name)
    found["metadata"]["ownerReferences"] = [{"kind": "CronJob", "name": "spark-backup"}]
    return found
