"""Runs that MLflow tracks: what their users saw, what the server has of them, and what the session of Spark was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import last_words
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session

# What the history shows beside the settings of an application, and what a session has beside them.
_OF_HISTORY, _OF_SESSION = "spark.scheduler.mode", "spark.sql.warehouse.dir"
Json = Mapping[str, Any]


@dataclass(frozen=True)
class ProjectRun(evidence.Brought):
    """A project's run that has ended: what its user saw, and the `run` that the server tracks, {} if none.

    `given` are the parameters that the user gave, `keys` the variables by which the client has keys of an object store.
    """

    project: str
    given: Mapping[str, str]
    run: Json
    exit_code: int
    output: str = field(repr=False)
    keys: Sequence[str] = ()

    @property
    def trouble(self) -> str | None:
        """The exit code of a run that failed."""
        return f"The {self.project} project ended with {self.exit_code}" if self.exit_code else None

    @property
    def to_read(self) -> str | None:
        """The state in which the server tracks the run."""
        return f"The {self.project} project is tracked as {self.status}"

    @property
    def id(self) -> str:
        """The id of the run on the server."""
        return str(self.run.get("info", {}).get("run_id"))

    @property
    def status(self) -> str:
        """The state in which the server tracks the run."""
        return str(self.run.get("info", {}).get("status", "nothing"))

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters that are tracked."""
        return parameters(self.run)

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics that the project tracks; those of its machine, which MLflow adds, are left out."""
        every = {each["key"]: each["value"] for each in self.run.get("data", {}).get("metrics", ())}
        return {key: value for key, value in every.items() if not key.startswith("system/")}

    def must_be_finished(self, metric: str, value: float) -> None:
        """Check that the run ended well for its user and on the server, and that this metric has this value."""
        self._must_be("FINISHED", failed=False)
        if self.metrics.get(metric) != value:
            raise CheckFailed(f"The {self.project} project's metrics are {self.metrics}, not {metric} {value}.")
        evidence.prove(Level.EXECUTED, f"The {self.project} project is tracked as FINISHED, its {metric} as {value}")

    def must_be_failed(self, reason: str) -> None:
        """Check that the run failed for its user, who saw `reason`, and on the server, which has no result."""
        self._must_be("FAILED", failed=True)
        if reason not in self.output:
            why = last_words(self.output)
            raise CheckFailed(f"The {self.project} project did not fail because of {reason!r}: {why}")
        if self.metrics:
            raise CheckFailed(f"The {self.project} project failed, and has the metrics {self.metrics}.")
        evidence.prove(Level.EXECUTED, f"The {self.project} project is tracked as FAILED", output=self.output)

    def must_have_settings_of(self, platform: Platform, session: Session, own: Mapping[str, str] = {}) -> None:
        """Check that the parameters are the settings of the platform's live sessions, beside those that the user gave.

        `own` are those that the project's session has and no other. The application's id ties the run to the driver
        that Spark's own REST interface shows.
        """
        live = {str(key): str(value) for key, value in session.run("SET").rows}
        if others := sorted(own.items() & live.items()):
            raise CheckFailed(f"Other sessions have {others} too, so nothing shows whose settings are tracked.")
        of_run = {**live, **own, "spark.app.id": platform.history.application}
        self._must_have(of_run, "the platform's live session")

    def must_have_settings_in_history(self, history: HistoryServer) -> None:
        """Check that the parameters are the settings that the history has of the application that has the run's id."""
        shown = {key: value for key, value in history.settings_of(self.id).items() if key != _OF_HISTORY}
        of_session = {_OF_SESSION: self.parameters[_OF_SESSION]} if _OF_SESSION in self.parameters else {}
        self._must_have({**of_session, **shown}, "the application in Spark's history")

    def _must_have(self, settings: Mapping[str, str], of: str) -> None:
        """Check that the parameters are these settings and what the user gave, and that both name one application."""
        evidence.look_at(self)
        wanted = {**settings, **self.given}
        wrong = [
            f"{name} is tracked as {self.parameters.get(name)!r} and is {wanted.get(name)!r}"
            for name in sorted(wanted.keys() | self.parameters.keys())
            if self.parameters.get(name) != wanted.get(name)
        ]
        if wrong or not settings.get("spark.app.id"):
            raise CheckFailed(f"The {self.project} project does not track the settings of {of}: {'; '.join(wrong)}.")
        evidence.prove(
            Level.EXECUTED, f"All {len(settings)} settings of {of}, {settings['spark.app.id']}, are tracked",
            settings=settings,
        )  # fmt: skip

    def must_have_stored(self, folder: str, session: Session, file: str, text: str) -> None:
        """Check that the object store has the file with this text in `folder`, and that its client had no keys.

        Spark reads it, which has keys of its own.
        """
        evidence.look_at(self)
        if self.keys:
            raise CheckFailed(f"The client has keys of the object store: {', '.join(self.keys)}.")
        path = self.path_of(folder, file)
        session.sql(f"SELECT value FROM text.`{path}`").must_hold([(text,)])
        evidence.prove(Level.EXECUTED, f"A client without keys stored {path}")

    def must_not_have_stored(self, folder: str, session: Session, file: str) -> None:
        """Check that the object store does not have the file in `folder`."""
        evidence.look_at(self)
        session.sql(f"SELECT value FROM text.`{self.path_of(folder, file)}`").must_be_refused("PATH_NOT_FOUND")

    def path_of(self, folder: str, file: str) -> str:
        """Return the path of the run's file in the object store; raises CheckFailed for a run that stores elsewhere."""
        kept = str(self.run.get("info", {}).get("artifact_uri"))
        if not kept.startswith("mlflow-artifacts:/"):
            raise CheckFailed(f"The {self.project} project keeps its files at {kept}, and not by way of the server.")
        return f"{folder}/{kept.removeprefix('mlflow-artifacts:/')}/{file}"

    def must_be_the_same_as(self, now: Json) -> None:
        """Check that the run that the server has now is as it was, with its state, parameters and metrics."""
        evidence.look_at(self)
        if now != self.run:
            raise CheckFailed(f"The run {self.id} was {self.run}, and now is {now}.")
        evidence.prove(Level.EXECUTED, f"The run {self.id} is as it was", run=now)

    def _must_be(self, status: str, *, failed: bool) -> None:
        evidence.look_at(self)
        if self.status != status or bool(self.exit_code) is not failed:
            raise CheckFailed(
                f"The {self.project} project is tracked as {self.status}, not {status}, and ended with "
                f"{self.exit_code}: {last_words(self.output)}"
            )


@dataclass(frozen=True)
class RunsAtOnce(evidence.Brought):
    """Runs that were tracked at the same time: the parameters that each was given, by run, and what the server has."""

    given: Mapping[str, Mapping[str, str]]
    found: Sequence[Json]

    @property
    def trouble(self) -> str | None:
        """Runs have no refusals: the program that tracks them ends at one."""
        return None

    @property
    def to_read(self) -> str | None:
        """The number of runs that the server has."""
        return f"{len(self.found)} runs are tracked"

    def must_not_mix(self, count: int) -> None:
        """Check that the server has `count` runs, all finished, each with just the parameters that it was given."""
        evidence.look_at(self)
        found = {str(each["info"]["run_id"]): parameters(each) for each in self.found}
        ended = [each["info"]["run_id"] for each in self.found if each["info"]["status"] != "FINISHED"]
        if len(self.given) != count or found != self.given or ended:
            raise CheckFailed(
                f"{count} runs were to be tracked; {len(self.given)} were, with {self.given}, and the server has "
                f"{found}; not finished: {ended or 'none'}."
            )
        evidence.prove(Level.EXECUTED, f"{count} runs at once have the parameters that each was given", runs=found)


def parameters(run: Json) -> dict[str, str]:
    """Return the parameters of a run of the server."""
    return {each["key"]: each["value"] for each in run.get("data", {}).get("params", ())}
