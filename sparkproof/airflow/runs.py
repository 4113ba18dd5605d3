"""What Airflow answers and what became of a run, for checks to look at."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.reply import LAST_WORDS, Reply
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row

# The user of Connect's sessions as whom the chart has Airflow's tasks ask.
ACCOUNT = "airflow"
# The states of a run that has ended.
ENDED = ("success", "failed")
_LAST_LINES = 20


def orders(table: Iterable[Mapping[str, str]]) -> list[Row]:
    """Return the rows of a step's table; what looks like a whole number is one."""
    return [tuple(int(text) if text.isdecimal() else text for _, text in line.items()) for line in table]


@dataclass(frozen=True)
class AirflowReply(Reply):
    """Airflow's reply to one request."""

    server = "Airflow"

    @property
    def trouble(self) -> str | None:
        """The refusal of the request."""
        return f"Airflow refused {self.asked} with status {self.status}" if self.status >= 400 else None

    @property
    def answer(self) -> Mapping[str, Any]:
        """The answer; raises CheckFailed for a refusal."""
        evidence.look_at(self)
        if self.status >= 400:
            raise CheckFailed(f"{self.trouble}: {self.text[:LAST_WORDS]}")
        return dict(json.loads(self.text))

    def must_list(self, run: str) -> None:
        """Check that Airflow lists this run, by its id, among those that it was asked for."""
        found = [each["dag_run_id"] for each in self.answer["dag_runs"]]
        if run not in found:
            raise CheckFailed(f"Airflow answered {self.asked} without the run {run}, with {found or 'no run'}.")
        evidence.prove(Level.EXECUTED, f"Airflow answered {self.asked} with the run {run}", runs=found)

    def must_name(self, file: str, reason: str) -> None:
        """Check that Airflow names this file among those that it cannot read, with the reason, and no other."""
        errors = {each["filename"]: each["stack_trace"] for each in self.answer["import_errors"]}
        if reason not in errors.get(file, ""):
            raise CheckFailed(f"Airflow does not say that {file} cannot be read because of {reason!r}: {errors}.")
        if set(errors) != {file}:
            raise CheckFailed(f"Airflow also cannot read {', '.join(sorted(set(errors) - {file}))}: {errors}.")
        evidence.prove(Level.EXECUTED, f"Airflow names {file}, which it cannot read", errors=json.dumps(errors))


@dataclass(frozen=True)
class Task:
    """What became of a task: its state, its tries, what it handed on, and the errors and the lines in its log.

    Logs go with Airflow's pod, so the lines are no part of what stays the same.
    """

    id: str
    state: str | None
    tries: int
    value: Any
    errors: Sequence[str]
    said: Sequence[str] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class DagRun(evidence.Brought):
    """A run that has ended, or that did not end in time; `table` is the one that it was to write."""

    dag: str
    id: str
    state: str
    tasks: Mapping[str, Task]
    table: str

    @property
    def trouble(self) -> str | None:
        """The failure of the run, with the tasks that failed."""
        if self.state == "success":
            return None
        failed = [f"{each.id} {'; '.join(each.errors)}" for each in self.tasks.values() if each.state == "failed"]
        return f"The run of {self.dag} is {self.state}: {', '.join(failed) or self.states}"

    @property
    def states(self) -> dict[str, str | None]:
        """The state of each task."""
        return {each.id: each.state for each in self.tasks.values()}

    def evidence(self) -> None:
        """Keep what became of the tasks."""
        told = "\n".join(f"{each}" for each in self.tasks.values())
        evidence.attach(f"the run {self.id} of {self.dag}: {self.state}", told)

    def must_succeed(self) -> "DagRun":
        """Check that the run and all its tasks have succeeded; return the run."""
        evidence.look_at(self)
        if self.state != "success" or set(self.states.values()) != {"success"}:
            raise CheckFailed(f"The run of {self.dag} did not succeed, but is {self.state}: {dict(self.tasks)}.")
        evidence.prove(Level.EXECUTED, f"Airflow ran {', '.join(self.tasks)} of {self.dag} with success")
        return self

    def must_fail(self, task: str, tries: int, reason: str) -> None:
        """Check that the run failed at this task, after so many tries, and that each try gave `reason`."""
        evidence.look_at(self)
        found = self._task(task)
        if self.state != "failed" or found.state != "failed":
            raise CheckFailed(f"The run of {self.dag} is {self.state} and its task {task} {found.state}, not failed.")
        told = [error for error in found.errors if reason in error]
        if found.tries != tries or len(told) < tries:
            raise CheckFailed(
                f"{task} was tried {found.tries} times, and {len(told)} of them failed because of {reason!r}; expected "
                f"{tries}: {'; '.join(found.errors)}"
            )
        evidence.prove(Level.EXECUTED, f"{task} of {self.dag} failed {tries} times", errors="\n".join(found.errors))

    def must_have_succeeded_at(self, task: str, tries: int) -> None:
        """Check that the run succeeded, and that this task did at its try of this number."""
        evidence.look_at(self)
        found = self._task(task)
        if (self.state, found.state, found.tries) != ("success", "success", tries):
            raise CheckFailed(
                f"{task} of {self.dag} is {found.state} after {found.tries} tries, and its run is {self.state}; "
                f"expected a success at try {tries}: {'; '.join(found.errors) or 'no error'}"
            )
        evidence.prove(Level.EXECUTED, f"{task} of {self.dag} succeeded at try {tries}")

    def must_have_stopped(self, after: str) -> None:
        """Check that no task that follows `after`, and that needs its success, has run."""
        found = self._task(after)
        if found.state != "upstream_failed" or found.tries:
            raise CheckFailed(f"{after} of {self.dag} was not stopped: it is {found.state} after {found.tries} tries.")
        evidence.prove(Level.EXECUTED, f"{after} of {self.dag} did not run, since one before it failed")

    def must_have_handed_on(self, task: str, value: Any) -> None:
        """Check that the task handed on just this value, of this type."""
        found = self._task(task).value
        if type(found) is not type(value) or found != value:
            raise CheckFailed(f"{task} of {self.dag} handed on {found!r}; expected {value!r}.")
        evidence.prove(Level.EXECUTED, f"{task} of {self.dag} handed on {value!r}")

    def must_have_run_in_a_pod(self, task: str, words: str, platform: Platform) -> None:
        """Check that the task's program printed these words and the name of its pod, which is none of the release."""
        evidence.look_at(self)
        said, workloads = self._task(task).said, platform.workloads
        about = (event["involvedObject"] for event in workloads.kube.events(workloads.namespace))
        known = {each["name"] for each in about if each["kind"] == "Pod"}
        own = [name for name in known if not name.startswith(f"{workloads.release}-")]
        ran = [name for name in own if any(words in line and line.endswith(name) for line in said)]
        if len(ran) != 1:
            last = "; ".join(said[-_LAST_LINES:])
            raise CheckFailed(f"{task} of {self.dag} did not print {words!r} in a pod of its own: {last}")
        evidence.prove(Level.EXECUTED, f"{task} of {self.dag} printed {words!r} in its own pod {ran[0]}")

    def must_have_worked_on(self, platform: Platform) -> None:
        """Check that the platform's own executors did the run's work on Spark, for Airflow's account alone."""
        evidence.look_at(self)
        users = platform.history.users(self.id)
        if users != {ACCOUNT}:
            raise CheckFailed(f"The run's work on Spark was done for {sorted(users) or 'nobody'}, not {ACCOUNT}.")
        platform.history.must_have_run_on_executors(self.id)

    def must_be_the_same_as(self, later: "DagRun") -> None:
        """Check that Airflow still has the run as it was: its state, and its tasks with what they handed on."""
        evidence.look_at(self)
        evidence.look_at(later)
        if later != self:
            raise CheckFailed(f"The run was {self}, and Airflow now has {later}.")
        evidence.prove(Level.EXECUTED, f"Airflow still has the run {self.id} with its {len(self.tasks)} tasks")

    def _task(self, name: str) -> Task:
        if name not in self.tasks:
            raise CheckFailed(f"The run of {self.dag} has no task {name}, but {', '.join(self.tasks)}.")
        return self.tasks[name]
