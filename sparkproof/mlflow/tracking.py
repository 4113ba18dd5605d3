"""A platform's MLflow as its users see it: projects run from the client's pod, and the tracking server keeps them."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.core import clock, evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import last_words
from sparkproof.core.wait import eventually, watch
from sparkproof.kube import nodes
from sparkproof.kube.places import Place, one_reply, run_to_end
from sparkproof.kube.reply import LAST_WORDS, Reply
from sparkproof.mlflow.runs import Json, ProjectRun, RunsAtOnce
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads

_USER = Path(__file__).with_name("user.py")
_API = "/api/2.0/mlflow"
_OF_EACH = 5
# What the server reads from its environment, the collection takes as arguments alone.
_COLLECT = (
    'exec mlflow gc --backend-store-uri "$MLFLOW_BACKEND_STORE_URI" --tracking-uri http://localhost:5000 --run-ids "$0"'
)
_MEBIBYTE = 2**20
_REPORT = "/opt/sparkproof/lost_runs.py"
# More than two of the signs of life that clients give.
_SILENT_S = 30


@dataclass(frozen=True)
class TrackingReply(Reply):
    """The tracking server's reply to one request."""

    server = "MLflow"

    @property
    def trouble(self) -> str | None:
        """The refusal of the request."""
        return None if self.status == 200 else f"MLflow refused {self.asked} with status {self.status}: {self.text}"

    @property
    def answer(self) -> Json:
        """The JSON object that the server sent; raises CheckFailed for a refusal or another text."""
        evidence.look_at(self)
        try:
            found = json.loads(self.text)
        except ValueError:
            found = None
        if self.status != 200 or not isinstance(found, dict):
            raise CheckFailed(f"MLflow did not answer {self.asked}: status {self.status}, {self.text[:LAST_WORDS]!r}.")
        return found

    def must_name_experiments(self) -> None:
        """Check that the server answered with its experiments, which it reads from its database."""
        found = [each.get("name") for each in self.answer.get("experiments", ())]
        if "Default" not in found:
            raise CheckFailed(f"MLflow answered {self.asked} with the experiments {found}; every server has Default.")
        evidence.prove(Level.EXECUTED, f"MLflow answered {self.asked} with {len(found)} experiments")


@dataclass(frozen=True)
class StartedRun:
    """A run whose project is at work, as a `process` of the client's pod."""

    client: Place
    process: int
    id: str

    def kill(self) -> None:
        """Kill the client with all of its processes, as a node that is lost does."""
        _ask(self.client, f"the kill of the run {self.id}", timeouts.SQL, op="kill", process=self.process)


@dataclass(frozen=True)
class Tracking:
    """The tracking server of a platform, and the pods from which users run projects."""

    workloads: Workloads

    @classmethod
    def of(cls, platform: Platform) -> "Tracking":
        """Return the platform's tracking server."""
        return cls(platform.workloads)

    @property
    def folder(self) -> str:
        """The folder in the object store where the server keeps files, as Spark reads it ("s3a://lakehouse/mlflow")."""
        return self.workloads.variable("mlflow", "MLFLOW_ARTIFACTS_DESTINATION").replace("s3://", "s3a://", 1)

    def call(self, path: str, body: Json | None = None, *, host: str = "") -> TrackingReply:
        """Send one request to the server from the client's pod, which calls it by its own name or another `host`."""
        client = self.workloads.place("client")
        reply = _ask(
            client, "the tracking server's reply", timeouts.SQL, op="call", path=_API + path, body=body, host=host
        )
        return TrackingReply(f"{path.partition('?')[0]} as {host}" if host else path.partition("?")[0], **reply)

    def list_experiments(self, host: str = "") -> TrackingReply:
        """Ask for the experiments, by the server's own name or by another one."""
        return self.call("/experiments/search?max_results=100", host=host)

    def run(self, name: str, parameters: Mapping[str, str]) -> ProjectRun:
        """Run the example project `name` from the client's pod, over Connect, and wait for its end."""
        return self._run(self.workloads.place("client"), name, "main", parameters)

    def submit(self, name: str, parameters: Mapping[str, str]) -> ProjectRun:
        """Run the example project `name` from the submitting pod, where its driver starts, and wait for its end."""
        entry = "standalone" if self.workloads.is_standalone else "kubernetes"
        return self._run(self.workloads.place("submit"), name, entry, parameters)

    def start(self, name: str, parameters: Mapping[str, str]) -> StartedRun:
        """Start the example project `name` from the client's pod, and wait until it is tracked as running."""
        client = self.workloads.place("client")
        request = _request(name, "main", parameters)
        process = _ask(client, f"the start of the {name} project", timeouts.SQL, op="start", **request)["process"]
        runs = eventually(
            f"the run of the {name} project on the tracking server",
            lambda: self._runs_of(request["experiment"]),
            bool,
            within_s=timeouts.PROJECT,
        )
        return StartedRun(client, process, runs[0]["info"]["run_id"])

    def must_find_lost(self, run: StartedRun) -> None:
        """Wait until the server's report names the run as lost, and have it tracked as KILLED."""
        said = eventually(
            f"the report that names the run {run.id} as lost",
            lambda: self._report_lost("--after", str(_SILENT_S), "--end"),
            lambda report: run.id in report,
            within_s=timeouts.PROJECT,
        )
        status = self.find(run.id)["info"]["status"]
        if status != "KILLED":
            raise CheckFailed(f"The lost run {run.id} is tracked as {status}, and not as KILLED.")
        evidence.prove(Level.EXECUTED, f"The run {run.id} was found as lost, and is tracked as KILLED", report=said)

    def must_not_find_lost(self, run: StartedRun) -> None:
        """Wait until the run is older than a silent one may be, and check that the report does not name it."""
        eventually(
            f"{_SILENT_S} seconds of the run {run.id}",
            lambda: clock.now() - int(self.find(run.id)["info"]["start_time"]) / 1000,
            lambda age: age > _SILENT_S,
            within_s=timeouts.PROJECT,
        )
        report, status = self._report_lost("--after", str(_SILENT_S)), self.find(run.id)["info"]["status"]
        if run.id in report or status != "RUNNING":
            raise CheckFailed(
                f"The run {run.id} works, is tracked as {status}, and the report of lost runs is {report!r}."
            )
        evidence.prove(Level.EXECUTED, f"The run {run.id}, which works, is not among the lost ones", report=report)

    def run_at_once(self, count: int) -> RunsAtOnce:
        """Track `count` runs at the same time, each with parameters of its own."""
        experiment = f"at-once-{uuid.uuid4().hex[:8]}"
        reply = _ask(
            self.workloads.place("client"), f"the end of {count} runs", timeouts.PROJECT,
            op="log", experiment=experiment, count=count, parameters=_OF_EACH,
        )  # fmt: skip
        return RunsAtOnce(reply["runs"], self._runs_of(experiment))

    def change_parameter(self, run: ProjectRun, name: str, value: str) -> TrackingReply:
        """Ask for another value of a parameter that the run has."""
        return self.call("/runs/log-parameter", {"run_id": run.id, "key": name, "value": value})

    def delete(self, run: ProjectRun) -> None:
        """Delete the run, and collect what the server still keeps of deleted runs."""
        deleted = self.call("/runs/delete", {"run_id": run.id})
        evidence.look_at(deleted)
        if deleted.trouble:
            raise CheckFailed(deleted.trouble)
        exit_code, said = self._on_server(f"the collection of the deleted run {run.id}", "sh", "-c", _COLLECT, run.id)
        if exit_code:
            raise CheckFailed(f"The deleted run {run.id} was not collected: {last_words(said)}")

    def find(self, run_id: str) -> Json:
        """Return the run as the server has it now; raises CheckFailed."""
        return dict(self.call(f"/runs/get?run_id={run_id}").answer["run"])

    def must_not_have(self, run: ProjectRun) -> None:
        """Check that the server knows no such run any more."""
        self.call(f"/runs/get?run_id={run.id}").must_be_refused(404, "not found")

    def must_rest_within(self, mebibytes: int) -> None:
        """Wait until the server's container keeps at most this much in memory, and then watch that it goes on so.

        A server whose programs still start keeps little for a moment. Raises GaveUp, CheckFailed.
        """
        eventually(
            f"at most {mebibytes} MiB in the memory of the tracking server",
            self._memory,
            lambda kept: kept is not None and kept <= mebibytes * _MEBIBYTE,
            within_s=timeouts.ARCHIVE,
            show=lambda kept: "not counted yet" if kept is None else f"{kept / _MEBIBYTE:.0f} MiB",
        )
        looks = watch(self._memory)
        counted = [each for each in looks if each is not None]
        if looks[-1] is None:
            known = "; ".join(cause.sentence for cause in self.workloads.why("mlflow"))
            raise CheckFailed(f"Nobody counts the memory of the tracking server any more: {known or 'it looks well'}.")
        kept = max(counted)
        if kept > mebibytes * _MEBIBYTE:
            raise CheckFailed(
                f"The tracking server came to keep {kept / _MEBIBYTE:.0f} MiB in memory, and at most {mebibytes} MiB "
                "are allowed at rest."
            )
        evidence.measured("memory of the tracking server at rest", kept / _MEBIBYTE, "MiB", f"at most {mebibytes} MiB")
        evidence.prove(Level.EXECUTED, f"The tracking server keeps {kept / _MEBIBYTE:.0f} MiB at rest")

    def _memory(self) -> int | None:
        return nodes.memory_of(self.workloads.kube, self.workloads.pod("mlflow"), "mlflow")

    def _report_lost(self, *arguments: str) -> str:
        """Return the server's report of lost runs."""
        exit_code, said = self._on_server("the report of lost runs", _REPORT, *arguments)
        if exit_code not in (0, 1) or bool(said) != bool(exit_code):
            raise CheckFailed(f"The report of lost runs ended with {exit_code}: {last_words(said)}")
        return said

    def _on_server(self, what: str, *argv: str) -> tuple[int, str]:
        """Run a program in the server's pod, and return its exit code and what it said."""
        exit_code, said = run_to_end(self.workloads.place("mlflow"), argv, what, timeouts.PROJECT)
        return exit_code, said.strip()

    def _run(self, place: Place, name: str, entry: str, parameters: Mapping[str, str]) -> ProjectRun:
        """Run a project in an experiment of its own."""
        request = _request(name, entry, parameters)
        reply = _ask(place, f"the end of the {name} project", timeouts.PROJECT, op="run", **request)
        evidence.attach(f"output of the {name} project", reply["output"])
        runs = self._runs_of(request["experiment"])
        if len(runs) > 1:
            raise CheckFailed(f"One run of the {name} project is tracked as {len(runs)} runs.")
        tracked = self.find(runs[0]["info"]["run_id"]) if runs else {}
        return ProjectRun(name, dict(parameters), tracked, **reply)

    def _runs_of(self, experiment: str) -> list[Json]:
        """Return the runs that the server has of an experiment."""
        known = self.call(f"/experiments/get-by-name?experiment_name={experiment}")
        evidence.look_at(known)
        if known.status == 404:
            return []
        wanted = {"experiment_ids": [known.answer["experiment"]["experiment_id"]], "max_results": 100}
        return list(self.call("/runs/search", wanted).answer.get("runs", ()))


def _request(name: str, entry: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the user's program is told of a project, with an experiment of its own."""
    file = examples.file_name(name)
    return {
        "name": file, "files": examples.project(name), "experiment": f"{file}-{uuid.uuid4().hex[:8]}",
        "entry": entry, "parameters": dict(parameters),
    }  # fmt: skip


def _ask(place: Place, what: str, within_s: float, **request: Any) -> dict[str, Any]:
    """Have the user's program do something at a place, and return its reply."""
    return one_reply(place, ["python3", "-uc", _USER.read_text()], request, what, within_s)
