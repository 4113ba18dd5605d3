"""A recorded platform on which objects land, with the jobs that they started and the counter that is asked."""

import json
from collections import deque
from collections.abc import Sequence
from typing import Any

from sparkproof.iceberg.table import Table
from sparkproof.kube.objects import DEPLOYMENT, JOB, SCALED_JOB, Manifest
from sparkproof.operations.landing import Landing
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, manifest, pod

NAME = "lake.landing.orders"
ENV = {"BUCKET": "lakehouse", "LANDING": "landing", "DONE": "landed", "TABLE": NAME}
ROWS = [(1, 12.5), (2, 7.0)]


def job(name: str, ends: str = "Complete", owner: str = "ScaledJob", *, came: str = "") -> Manifest:
    conditions = [{"type": ends, "status": "True"}] if ends else []
    metadata = {"ownerReferences": [{"kind": owner}], "uid": name, "creationTimestamp": came or name}
    return manifest(JOB, name, metadata=metadata, status={"conditions": conditions})


def scaled_job(*conditions: Manifest, polling_s: int = 0) -> Manifest:
    container = {"env": [*({"name": name, "value": value} for name, value in ENV.items()), {"name": "KEY"}]}
    target = {"template": {"spec": {"containers": [container]}}}
    spec = {"jobTargetRef": target, "pollingInterval": polling_s}
    return manifest(SCALED_JOB, "spark-ingest", spec=spec, status={"conditions": list(conditions)})


class Cluster:
    """A platform whose folder has `left`, whose counter replies with these, and whose ingest made these jobs.

    Its driver says of a commit that is watched that it is `caught`.
    """

    def __init__(
        self,
        *jobs: Manifest,
        left: Sequence[str] = (),
        replies: Sequence[Any] = (),
        rows: Any = ROWS,
        said: Sequence[Manifest] = (),
        lines: Sequence[str] = (),
        commits: int = 1,
        caught: str = "caught 0 a-m0.avro",
    ) -> None:
        self.left, self.replies, self.rows, self.commits = list(left), deque(replies), rows, commits
        self.lines, self.ran = lines, list[Sequence[str]]()
        self.ingest = RecordedStreams(*lines, ended=not lines)
        self.driver = RecordedStreams("watching", caught)
        labels = {"job-name": "a"}
        pods = [pod("spark-connect-0", "connect"), pod("counter-1", "ingest-counter")]
        pods.append(pod("ingest-1", "ingest", labels=labels))
        counter = recorded.workload(DEPLOYMENT, "spark-ingest-counter")
        self.kube = RecordedKube(
            *pods, counter, scaled_job(*said), *jobs, programs=self.run, logs_of={"ingest-1": "no such table"}
        )
        self.kube.on_delete = lambda *_: None

    def run(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        self.ran.append([name, *argv[3:]])
        if name == "counter-1":
            reply = self.replies.popleft() if self.replies else ""
            return RecordedStreams(reply if isinstance(reply, str) else json.dumps(reply), errors="no Python")
        if name == "ingest-1":
            return RecordedStreams("ready") if argv[0] == "bash" else self.ingest
        if argv[0] == "bash":
            return self.driver
        answer: Any = dict.fromkeys(self.left, 1.0) if argv[3] == "list" else []
        return RecordedStreams(json.dumps(answer))

    def answers(self, statement: str) -> Any:
        if "metadata_log_entries" in statement:
            return [("file:/warehouse/landing/orders/metadata/v1.metadata.json",)]
        if "snapshots" in statement:
            return [(number, "2026", "append", {"added-records": "2"}) for number in range(self.commits)]
        return self.rows if statement.startswith("SELECT") else []

    def landing(self, **more: Any) -> Landing:
        platform = RecordedPlatform(self.kube, answers=self.answers)
        return Landing(platform, Table(platform.open_session(), NAME), list(ROWS), **more)
