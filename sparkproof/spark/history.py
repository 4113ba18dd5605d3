"""The final plans, metrics and tasks of executed statements, from the REST interface of the running driver."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import Manifest
from sparkproof.kube.places import Place
from sparkproof.spark.session import Session

UI_PORT = 4040
APPLICATIONS = "/api/v1/applications"
_LAST_PLANS = 3
# What the Connect server writes into the description of each statement, before the statement itself.
_USER = re.compile(r'^user_context \{\s+user_id: "([^"]+)"', re.MULTILINE)
# The operators of plans that write: AppendData, ReplaceData, AtomicCreateTableAsSelect, a procedure's Call.
_WRITES = re.compile(r"\b(AppendData|Overwrite|ReplaceData|WriteDelta|DeleteFromTable|\w*TableAsSelect|Call\b)")
# The tag that the Connect server gives to each job.
_OPERATION = re.compile(r"SparkConnect_OperationTag_User_(?P<user>.*)_Session_(?P<session>[^_]+)_Operation_")
# Spark's own limit: spark.sql.ui.retainedExecutions.
_REMEMBERED = 1000


@dataclass(frozen=True)
class Operator:
    """One node of a final plan: its name ("BatchScan lake.db.trips", "HashAggregate") and its metrics as shown."""

    name: str
    metrics: Mapping[str, str]


@dataclass(frozen=True)
class Execution:
    """One finished SQL execution: the plan after adaptive re-planning, its operators, and the time in milliseconds."""

    plan: str
    operators: tuple[Operator, ...]
    duration_ms: int


@dataclass(frozen=True)
class DriverRest:
    """The REST interface of a driver, reached where it runs; or of one that has ended, `known` to the History Server.

    Source of the fields: Spark's monitoring page, /applications/[app-id]/sql.
    """

    driver: Place
    port: int = UI_PORT
    known: str = ""

    @cached_property
    def application(self) -> str:
        """The id of the driver's one application."""
        return self.known or str(self._get("")[0]["id"])

    def why_not_of(self, session: Session) -> str | None:
        """Return why work of the session is not that of this driver's executors; None if it is.

        Another Spark, or the driver itself, would give the same rows.
        """
        if reason := self.why_not_serving(session):
            return reason
        driver = next(each for each in self._get("/allexecutors") if each["id"] == "driver")
        if driver["totalCores"]:
            return f"the driver {self.application} has {driver['totalCores']} cores for tasks, so it needs no executors"
        return None

    def why_not_serving(self, session: Session) -> str | None:
        """Return who serves the session in place of this driver; None if this driver does."""
        serving = session.run("SET spark.app.id").rows[0][1]
        if serving == self.application:
            return None
        return f"{serving} serves the session, and the platform's driver is {self.application}"

    def execution(self, tag: str) -> Execution:
        """Wait until the statement whose jobs carry `tag` has finished, and return its execution; raises GaveUp."""
        found = eventually(
            f"the finished execution of {tag} in Spark's history",
            lambda: self._finished(tag),
            lambda execution: execution is not None,
            within_s=timeouts.HISTORY,
        )
        assert found is not None
        return found

    def workers(self, tag: str) -> Mapping[str, int]:
        """Return the number of tasks that each executor completed, by executor id, for the statement of `tag`."""
        ran = [stage for stage in self._stages_of(tag) if stage["status"] == "COMPLETE"]
        return Counter(task["executorId"] for task in self._tasks_of(ran) if task["status"] == "SUCCESS")

    def lost_tasks(self, tag: str) -> int:
        """Return the number of tasks of the statement whose jobs carry `tag` that failed or were killed."""
        return lost_in(self._stages_of(tag))

    def stages(self) -> list[Manifest]:
        """Return the stages that the driver still has, with their tasks."""
        return list(self._get("/stages?details=true"))

    def executors(self) -> list[Manifest]:
        """Return the executors that the driver has or had, and the driver itself, with what was measured of them."""
        return list(self._get("/allexecutors"))

    def counters(self, tag: str) -> Mapping[str, Sequence[str]]:
        """Return the counters ("gpuTime") of the tasks of the statement whose jobs carry `tag`, by name.

        There is one value for each stage, in the counter's own form ("00:00:00.024").
        """
        found: dict[str, list[str]] = defaultdict(list)
        for stage in self._stages_of(tag):
            for counter in stage["accumulatorUpdates"]:
                found[counter["name"]].append(str(counter["value"]))
        return found

    def users(self, tag: str) -> set[str]:
        """Return the users of Connect sessions for whom the jobs that carry `tag` ran."""
        return {found["user"] for found in self._operations(tag)}

    def sessions(self, tag: str) -> set[str]:
        """Return the ids of the Connect sessions in which the jobs that carry `tag` ran."""
        return {found["session"] for found in self._operations(tag)}

    def writers_at(self, moment_ms: int, words: str) -> set[str]:
        """Return the users of Connect sessions whose writing statements on `words`, a table, were under way then."""
        found = set()
        for each in self._executions():
            began = datetime.fromisoformat(each["submissionTime"].replace("GMT", "+00:00")).timestamp() * 1000
            user = _USER.search(each["description"])
            under_way = began <= moment_ms <= began + each["duration"]
            if user and under_way:
                plan = self._with_plan(each)["planDescription"]
                if words in plan and _WRITES.search(plan):
                    found.add(user[1])
        return found

    def jobs(self, tag: str) -> list[int]:
        """Return the ids of the jobs that carry `tag`."""
        return [job["jobId"] for job in self._jobs(tag)]

    def running(self, tag: str) -> list[int]:
        """Return the ids of the jobs that carry `tag` and run now."""
        return [job["jobId"] for job in self._jobs(tag) if job["status"] == "RUNNING"]

    def in_memory(self, name: str) -> list[str]:
        """Return what executors keep in memory of the plans that name `name`, a table."""
        return [str(kept["name"]) for kept in self._get("/storage/rdd") if name in kept["name"]]

    def stages_at_work(self, tag: str) -> frozenset[int]:
        """Return the ids of stages in which tasks of the statement whose jobs carry `tag` run or wait now."""
        return frozenset(stage["stageId"] for stage in self._stages_of(tag, "active"))

    def waiting_tasks(self, tag: str, stages: Collection[int]) -> int:
        """Return the number of tasks that could start now and have not, in these stages of the statement of `tag`."""
        active = (stage for stage in self._stages_of(tag, "active") if stage["stageId"] in stages)
        return sum(stage["numTasks"] - stage["numCompleteTasks"] - stage["numActiveTasks"] for stage in active)

    def hosts_at_work(self, tag: str, executors: int, explain: Callable[[], Sequence[Cause]] = tuple) -> list[str]:
        """Wait until this many executors run tasks of the statement whose jobs carry `tag`; return their hosts.

        Raises GaveUp with the causes that `explain` knows.
        """
        return eventually(
            f"{executors} executors at work for {tag}",
            lambda: sorted({task["host"] for task in self._running_tasks(tag)}),
            lambda hosts: len(hosts) >= executors,
            within_s=timeouts.EXECUTORS,
            explain=explain,
        )

    def executor_at(self, host: str) -> str:
        """Return the id of the executor that is at work at this host; raises CheckFailed when there is none."""
        found = [each["id"] for each in self._get("/executors") if each["hostPort"].rpartition(":")[0] == host]
        if not found:
            raise CheckFailed(f"The driver knows no executor at {host}.")
        return str(found[-1])

    def removal(self, executor: str) -> str:
        """Wait until the driver has removed this executor, by its id, and return its reason; raises GaveUp."""
        return eventually(
            f"the removal of executor {executor}",
            lambda: self._removal(executor),
            bool,
            within_s=timeouts.EXECUTORS_GONE,
        )

    def must_have_run_on_executors(self, tag: str) -> None:
        """Check that executors, and not the driver, completed all tasks of the statement whose jobs carry `tag`."""
        plan, done = self.execution(tag).plan, self.workers(tag)
        must_be_executors(done)
        evidence.prove(Level.EXECUTED, f"Tasks completed by executor: {dict(done)}", final_plan=plan)

    def evidence(self) -> None:
        """Keep the final plans of the last statements that the driver executed."""
        for execution in map(self._with_plan, self._executions()[-_LAST_PLANS:]):
            evidence.attach(
                f"final plan of execution {execution['id']} ({execution['status']})", execution["planDescription"]
            )

    def _removal(self, executor: str) -> str:
        found = (each for each in self._get("/allexecutors") if each["id"] == executor and not each["isActive"])
        return next((str(each.get("removeReason", "for no reason")) for each in found), "")

    def _jobs(self, tag: str) -> list[Manifest]:
        # Spark puts the session's id before the user's tag.
        return [job for job in self._get("/jobs") if any(own.endswith(tag) for own in job["jobTags"])]

    def _operations(self, tag: str) -> list[re.Match[str]]:
        told = (_OPERATION.match(own) for job in self._jobs(tag) for own in job["jobTags"])
        return [found for found in told if found]

    def _stages_of(self, tag: str, status: str = "") -> list[Manifest]:
        """Return the stages of the statement whose jobs carry `tag`, those in this status alone if one is given."""
        stages = {stage for job in self._jobs(tag) for stage in job["stageIds"]}
        chosen = f"?status={status}" if status else ""
        return [stage for stage in self._get(f"/stages{chosen}") if stage["stageId"] in stages]

    def _tasks_of(self, stages: Iterable[Manifest], status: str = "") -> list[Manifest]:
        """Return the tasks of these stages, those in this status alone if one is given."""
        chosen = f"status={status}&" if status else ""
        asked = (f"/stages/{each['stageId']}/{each['attemptId']}/taskList?{chosen}length=10000" for each in stages)
        return [task for path in asked for task in self._get(path)]

    def _running_tasks(self, tag: str) -> list[Manifest]:
        return self._tasks_of(self._stages_of(tag, "active"), "running")

    def _finished(self, tag: str) -> Execution | None:
        jobs = {job["jobId"] for job in self._jobs(tag)}
        for listed in reversed(self._executions()):
            if listed["status"] != "RUNNING" and jobs & set(listed["successJobIds"]):
                found = self._with_plan(listed)
                return Execution(
                    found["planDescription"], tuple(map(_operator, found["nodes"])), int(found["duration"])
                )
        return None

    def _executions(self) -> list[Manifest]:
        """Return all executions that the driver still has, oldest first, without plans: hundreds take seconds."""
        return list(self._get(f"/sql?details=false&planDescription=false&length={_REMEMBERED}"))

    def _with_plan(self, execution: Manifest) -> Manifest:
        return dict(self._get(f"/sql/{execution['id']}?details=true&planDescription=true"))

    def _get(self, path: str) -> Any:
        prefix = APPLICATIONS + (f"/{self.application}" if path else "")
        return self.driver.get(self.port, prefix + path)


def _operator(node: Manifest) -> Operator:
    return Operator(node["nodeName"], {metric["name"]: metric["value"] for metric in node["metrics"]})


def must_be_executors(workers: Mapping[str, int], work: str = "the work") -> None:
    """Check that who did the work, by numbers of tasks, are executors, and neither the driver nor nobody."""
    if not workers or "driver" in workers:
        raise CheckFailed(f"Executors did not do {work}; tasks were completed by {dict(workers) or 'nobody'}.")


def lost_in(stages: Iterable[Manifest]) -> int:
    """Return the number of tasks of these stages that failed or were killed."""
    return sum(stage["numFailedTasks"] + stage["numKilledTasks"] for stage in stages)
