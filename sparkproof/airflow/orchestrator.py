"""A platform's Airflow as its users see it: they start runs of DAGs and see what became of them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkproof.airflow.runs import AirflowReply, DagRun, Task
from sparkproof.core import examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.patience import stretched
from sparkproof.core.wait import eventually
from sparkproof.kube.places import Place, one_reply
from sparkproof.spark.platform import Platform

_USER = Path(__file__).with_name("user.py")
_PASSWORD = "PASSWORD_OF_"
# Who starts runs, and who only looks, as examples/platforms/orchestration.yaml has them.
ENGINEER, VIEWER = "engineer", "viewer"


@dataclass(frozen=True)
class Airflow:
    """Airflow at `url`, its Service's address, and `client`, the place from which its users call it."""

    client: Place
    url: str
    passwords: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, platform: Platform) -> "Airflow":
        """Return the platform's Airflow, with the passwords of its users."""
        workloads = platform.workloads
        url = f"http://{workloads.release}-airflow.{workloads.namespace}.svc:8080"
        passwords = {user: workloads.variable("airflow", _PASSWORD + user) for user in (ENGINEER, VIEWER)}
        return cls(workloads.place("client"), url, passwords)

    @classmethod
    def run_anew(cls, platform: Platform, dag: str, **parameters: Any) -> DagRun:
        """Run the example DAG of this name with a table of orders that no other scenario uses; wait for its end."""
        return cls.of(platform).run(dag, platform.catalogs.unused_table("orders"), **parameters)

    def run(self, dag: str, table: str, **parameters: Any) -> DagRun:
        """Run the example DAG of this name as a data engineer, and wait for its end."""
        run = self.start(dag, table, **parameters)
        return self.find(dag, run, table)

    def find(self, dag: str, run: str, table: str, within_s: float | None = None) -> DagRun:
        """Return a run, by its id, when it has ended; where it does not end in time, as it is then.

        On an overloaded machine it has more time.
        """
        patience_s = stretched(timeouts.DAG_RUN if within_s is None else within_s)
        found = self._ask(
            f"the end of a run of {dag}", patience_s + timeouts.API_CALL,
            op="end", dag=_id(dag), run=run, patience_s=patience_s, **self._as(ENGINEER),
        )  # fmt: skip
        tasks = {each["id"]: Task(**each) for each in sorted(found["tasks"], key=lambda each: str(each["id"]))}
        return DagRun(dag, run, found["run"]["state"], tasks, table)

    def start(self, dag: str, table: str = "", **parameters: Any) -> str:
        """Start a run of a DAG, which may have been published just now, as a data engineer; return the run's id."""
        run = _new_run()
        started = _of_a_known(dag, lambda: self._trigger(dag, ENGINEER, run, {"table": table, **parameters}))
        if started.answer["dag_run_id"] != run:
            raise CheckFailed(f"Airflow started {started.answer} and not the run {run}.")
        return run

    def cancel(self, dag: str, run: str) -> None:
        """Cancel a run as a data engineer: Airflow marks it as failed and ends its tasks."""
        path = f"/api/v2/dags/{_id(dag)}/dagRuns/{run}"
        body = {"state": "failed"}
        ended = self._call(f"the end of {run}", "PATCH", path, body=body, **self._as(ENGINEER)).answer
        if ended["state"] != "failed":
            raise CheckFailed(f"Airflow did not cancel {run}; it is {ended['state']}.")

    def pause(self, dag: str) -> None:
        """Have the runs of a DAG wait, as a data engineer does; those that are at work go on."""
        self._pause(dag, waits=True)

    def resume(self, dag: str) -> None:
        """Have the runs of a DAG that wait begin, as a data engineer does."""
        self._pause(dag, waits=False)

    def state(self, dag: str, run: str) -> str:
        """Return the state of a run as Airflow has it now ("queued", "running")."""
        path = f"/api/v2/dags/{_id(dag)}/dagRuns/{run}"
        return str(self._call(f"the state of {run}", "GET", path, **self._as(ENGINEER)).answer["state"])

    def list_runs(self, dag: str, user: str) -> AirflowReply:
        """Ask for the runs of a DAG as this user, the newest first: a page has only some of them."""
        path = f"/api/v2/dags/{_id(dag)}/dagRuns?order_by=-start_date"
        return self._call(f"{user}'s list of runs", "GET", path, **self._as(user))

    def list_runs_with(self, token: str, dag: str) -> AirflowReply:
        """Ask for the runs of a DAG with a token that Airflow did not give, or with none."""
        path = f"/api/v2/dags/{_id(dag)}/dagRuns"
        return self._call("a stranger's list of runs", "GET", path, **_bringing(token))

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """Return the tasks of a run as Airflow has them now: "id", "state" and more."""
        path = f"/api/v2/dags/{_id(dag)}/dagRuns/{run}/taskInstances"
        return list(self._call(f"the tasks of {run}", "GET", path, **self._as(ENGINEER)).answer["task_instances"])

    def try_start(self, dag: str, user: str = ENGINEER) -> AirflowReply:
        """Ask for a run of a DAG as this user."""
        return self._trigger(dag, user, _new_run(), {})

    def try_start_with(self, token: str, dag: str) -> AirflowReply:
        """Ask for a run of a DAG with a token that Airflow did not give, or with none."""
        return self._trigger(dag, "a stranger", _new_run(), {}, _bringing(token))

    def import_errors(self) -> AirflowReply:
        """Ask for the files that cannot be read, when there are some."""
        return eventually(
            "the files that Airflow cannot read",
            lambda: self._call("the list of errors", "GET", "/api/v2/importErrors", **self._as(ENGINEER)),
            lambda reply: bool(reply.answer["import_errors"]),
            within_s=timeouts.DAG_SEEN,
        )

    def _trigger(
        self, dag: str, user: str, run: str, parameters: dict[str, Any], proof: dict[str, str] | None = None
    ) -> AirflowReply:
        body = {"logical_date": None, "dag_run_id": run, "conf": parameters}
        path = f"/api/v2/dags/{_id(dag)}/dagRuns"
        return self._call(f"{user}'s start of {dag}", "POST", path, body=body, **(proof or self._as(user)))

    def _pause(self, dag: str, *, waits: bool) -> None:
        what, path, body = f"{'a' if waits else 'no'} pause of {dag}", f"/api/v2/dags/{_id(dag)}", {"is_paused": waits}
        asked = _of_a_known(dag, lambda: self._call(what, "PATCH", path, body=body, **self._as(ENGINEER)))
        if asked.answer["is_paused"] is not waits:
            raise CheckFailed(f"Airflow did not change the pause of {dag}: {asked.text}")

    def _as(self, user: str) -> dict[str, str]:
        return {"name": user, "password": self.passwords[user], "token": ""}

    def _call(self, asked: str, method: str, path: str, *, body: Any = None, **proof: str) -> AirflowReply:
        request = {"op": "call", "method": method, "path": path, "body": body, **proof}
        return AirflowReply(asked, **self._ask(f"Airflow's reply to {asked}", timeouts.SQL, **request))

    def _ask(self, what: str, within_s: float, **request: Any) -> dict[str, Any]:
        program = ["python3", "-uc", _USER.read_text()]
        return one_reply(self.client, program, {"url": self.url, **request}, what, within_s)


def _of_a_known(dag: str, ask: Callable[[], AirflowReply]) -> AirflowReply:
    """Return the reply to a question about a DAG, which may have been published just now, when Airflow knows it."""
    return eventually(f"the DAG {dag} in Airflow", ask, lambda reply: reply.status != 404, within_s=timeouts.DAG_SEEN)


def _bringing(token: str) -> dict[str, str]:
    """Return the proof of somebody who has no name, and this token or none."""
    return {"name": "", "password": "", "token": token}


def _new_run() -> str:
    return f"sparkproof-{uuid.uuid4().hex[:12]}"


def _id(dag: str) -> str:
    """Return the id of the DAG that a criterion names in words ("daily sums" is daily_sums)."""
    return examples.path("dags", dag).stem
