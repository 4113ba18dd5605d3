"""What Spark remembers of an executed statement: its final plan and its metrics, from Spark's REST interface."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparkproof import evidence, timeouts
from sparkproof.errors import CheckFailed
from sparkproof.evidence import Level
from sparkproof.kube import Kube, Manifest
from sparkproof.wait import eventually

UI_PORT = 4040
_LAST_PLANS = 3


@dataclass(frozen=True)
class Operator:
    """One node of a final plan: its name ("BatchScan lake.db.trips", "HashAggregate") and its metrics as shown."""

    name: str
    metrics: Mapping[str, str]


@dataclass(frozen=True)
class Execution:
    """One finished SQL execution: the plan after adaptive re-planning, its operators, and the time in milliseconds."""

    plan: str
    jobs: tuple[int, ...]
    operators: tuple[Operator, ...]
    duration_ms: int
    status: str


@dataclass(frozen=True)
class History:
    """The REST interface of a running driver, reached through the API server's proxy.

    Source of the fields: Spark's monitoring page, /applications/[app-id]/sql.
    """

    kube: Kube
    namespace: str
    driver: str

    @property
    def application(self) -> str:
        """The id of the driver's one application."""
        return str(self._get("")[0]["id"])

    def execution(self, mark: str) -> Execution:
        """The execution of the statement that carries `mark`, once it has finished; raises GaveUp."""
        application = self.application
        found = eventually(
            f"the finished execution of {mark} in Spark's history",
            lambda: self._find(application, mark),
            lambda execution: execution is not None and execution["status"] != "RUNNING",
            within_s=timeouts.HISTORY,
        )
        assert found is not None
        nodes = tuple(
            Operator(node["nodeName"], {metric["name"]: metric["value"] for metric in node.get("metrics", [])})
            for node in found.get("nodes", [])
        )
        jobs = tuple(int(job) for job in found.get("successJobIds", []))
        return Execution(found["planDescription"], jobs, nodes, int(found["duration"]), found["status"])

    def workers(self, mark: str) -> Mapping[str, int]:
        """How many tasks of the execution that carries `mark` each executor completed, by executor id."""
        stages = {stage for job in self.execution(mark).jobs for stage in self._get(f"/jobs/{job}")["stageIds"]}
        ran = [stage for stage in self._get("/stages") if stage["stageId"] in stages and stage["status"] == "COMPLETE"]
        tasks = (self._get(f"/stages/{s['stageId']}/{s['attemptId']}/taskList?length=10000") for s in ran)
        return Counter(task["executorId"] for stage in tasks for task in stage)

    def must_have_run_on_executors(self, mark: str) -> None:
        """Check that executors, and not the driver, completed every task of the execution that carries `mark`."""
        done, plan = self.workers(mark), self.execution(mark).plan
        if not done or "driver" in done:
            raise CheckFailed(f"Executors did not do the work; tasks were completed by {dict(done) or 'nobody'}.")
        evidence.prove(Level.EXECUTED, f"Tasks completed by executor: {dict(done)}", final_plan=plan)

    def evidence(self) -> None:
        """Keep the final plans of the last statements that the driver executed."""
        executions = self._get("/sql?details=true&planDescription=true&length=1000")
        for execution in executions[-_LAST_PLANS:]:
            evidence.attach(
                f"final plan of execution {execution['id']} ({execution['status']})", execution["planDescription"]
            )

    def _find(self, application: str, mark: str) -> Manifest | None:
        executions = self._get("/sql?details=true&planDescription=true&length=1000", application)
        return next((execution for execution in reversed(executions) if mark in execution["description"]), None)

    def _get(self, path: str, application: str | None = None) -> Any:
        prefix = "/api/v1/applications" + (f"/{application or self.application}" if path else "")
        return self.kube.proxy(self.driver, UI_PORT, prefix + path, self.namespace)
