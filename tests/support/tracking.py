"""A tracking server of MLflow as recorded answers play it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sparkproof.mlflow.tracking import Tracking
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod


class Server:
    """A tracking server and the pods from which it is asked; `answers` are its texts by a part of the path.

    What has no answer is unknown (404). `ended` is the exit code of a collection, or of the report of `lost` runs.
    """

    def __init__(self, answers: Mapping[str, Any], *, ended: int = 0, lost: str = "", standalone: bool = False) -> None:
        self.answers, self.ended, self.lost = answers, ended, lost
        self.asked: list[tuple[str, Any]] = []
        destination = {"name": "MLFLOW_ARTIFACTS_DESTINATION", "value": "s3://lakehouse/mlflow"}
        server = {"nodeName": "node-1", "containers": [{"name": "mlflow", "env": [destination]}]}
        pods = [pod("mlflow-0", "mlflow", spec=server), pod("client-0", "client"), pod("submit-0", "submit")]
        master = [pod("spark-master-0", "master")] if standalone else []
        containers = [{"name": "mlflow", "memory": {"rssBytes": 400 * 2**20}}]
        self.served = {"node node-1": {"pods": [
            {"podRef": {"uid": "another"}, "containers": []},
            {"podRef": {"uid": pods[0]["metadata"]["uid"]}, "containers": containers},
        ]}}  # fmt: skip
        self.kube = RecordedKube(*pods, *master, programs=self._start, served=self.served)
        self.tracking = Tracking.of(RecordedPlatform(self.kube))

    def _start(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        if argv[0] == "sh":
            self.asked.append((name, list(argv)))
            return RecordedStreams("no such run" if self.ended else "", exit_code=self.ended)
        if "lost_runs" in argv[0]:
            self.asked.append((name, list(argv)))
            return RecordedStreams(self.lost, exit_code=self.ended)
        return RecordedStreams(reply=lambda line: self._reply(name, json.loads(line)))

    def _reply(self, name: str, request: dict[str, Any]) -> str:
        self.asked.append((name, request))
        if request["op"] == "run":
            return json.dumps({"exit_code": 0, "output": "done", "keys": []})
        if request["op"] in ("start", "kill"):
            return json.dumps({"process": 71} if request["op"] == "start" else {})
        if request["op"] == "log":
            return json.dumps({"runs": {"r1": {"a": "1"}}})
        found = next((text for path, text in self.answers.items() if path in request["path"]), None)
        if found and "runs/search" in request["path"]:
            own = self.answers["get-by-name"]["experiment"]["experiment_id"]
            known = found["runs"] if request["body"]["experiment_ids"] == [own] else []
            # The server gives a page of its own size to whoever does not say how many.
            found = {"runs": known[: request["body"].get("max_results", 1)]}
        return json.dumps({"status": 404 if found is None else 200, "text": json.dumps(found)})
