"""The History Server, which shows the jobs of applications whose drivers have ended."""

from dataclasses import dataclass
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import Manifest
from sparkproof.kube.places import Place
from sparkproof.spark.history import APPLICATIONS, DriverRest, Execution, must_be_executors
from sparkproof.spark.platform import Platform

_PORT = 18080
# Unknown to the server, and nobody listens in its pod: the answer of the API server's proxy.
_NOT_YET = (404, 503)


@dataclass(frozen=True)
class HistoryServer:
    """The History Server of a platform, reached in its own pod."""

    server: Place

    @classmethod
    def of(cls, platform: Platform) -> "HistoryServer":
        """Return the History Server of this platform."""
        return cls(platform.workloads.place("history-server"))

    def ends(self, application: str, tag: str) -> list[str] | None:
        """Return the states ("SUCCEEDED", "FAILED") of the jobs that carry `tag`; None until the driver's end shows."""
        shown, jobs = self._if_there(f"/{application}"), self._if_there(f"/{application}/jobs")
        if shown is None or jobs is None:
            return None
        attempts = shown["attempts"]
        known = [job["status"] for job in jobs if any(own.endswith(tag) for own in job["jobTags"])]
        return known if attempts[0]["completed"] else None

    def record_of(self, application: str) -> DriverRest:
        """Wait until it shows the application's end, and return what it keeps of the driver; raises GaveUp."""
        eventually(
            f"the end of {application} in the history",
            lambda: self._if_there(f"/{application}"),
            lambda shown: shown is not None and shown["attempts"][0]["completed"],
            within_s=timeouts.ARCHIVE,
        )
        return DriverRest(self.server, _PORT, application)

    def must_show(self, application: str, tag: str, end: str) -> None:
        """Wait until it shows the application's end, and check that the jobs that carry `tag` ended as `end`."""
        seen = eventually(
            f"{application} in the history",
            lambda: self.ends(application, tag),
            lambda ends: ends is not None,
            within_s=timeouts.ARCHIVE,
        )
        if set(seen or ()) != {end}:
            raise CheckFailed(f"In the history of {application} the jobs of {tag} ended as {seen}, not as {end}.")
        evidence.prove(Level.EXECUTED, f"The history of {application} shows that the statement's jobs {end}")

    def must_have_run_on_executors(self, name: str) -> None:
        """Wait until it shows the end of the application of this name; check that executors completed all its tasks."""
        application = self._ended(name)
        shown = self._get(f"/{application}/allexecutors")
        done = {each["id"]: each["completedTasks"] for each in shown if each["completedTasks"]}
        must_be_executors(done, f"the work of {name}")
        evidence.prove(Level.EXECUTED, f"Tasks of {name} ({application}) completed by executor: {done}")

    def must_have_ended(self, name: str, end: str) -> None:
        """Wait until it shows the end of the application of this name, and check that its last job ended as `end`."""
        application = self._ended(name)
        jobs = sorted(self._get(f"/{application}/jobs"), key=lambda job: int(job["jobId"]))
        ends = [job["status"] for job in jobs]
        if ends[-1:] != [end] or (end == "SUCCEEDED" and set(ends) != {end}):
            raise CheckFailed(f"In the history of {name} ({application}) its jobs ended as {ends}, not as {end}.")
        evidence.prove(Level.EXECUTED, f"The history shows the end of {name} ({application}): its jobs {ends}")

    def driver_of(self, name: str) -> str:
        """Return the host at which the driver of the application of this name ran, when it has ended."""
        return next(
            str(each["hostPort"]).rpartition(":")[0] for each in self.executors_of(name) if each["id"] == "driver"
        )

    def settings_of(self, name: str) -> dict[str, str]:
        """Wait until it shows the end of the application of this name, and return the settings that this had."""
        return dict(self._get(f"/{self._ended(name)}/environment")["sparkProperties"])

    def stages_of(self, name: str) -> list[Manifest]:
        """Wait for the end of the application of this name, and return its stages with their tasks."""
        return list(self._get(f"/{self._ended(name)}/stages?details=true"))

    def execution_of(self, name: str, tag: str) -> Execution:
        """Wait for the end of the application of this name, and return its execution whose jobs carry `tag`."""
        return DriverRest(self.server, _PORT, self._ended(name)).execution(tag)

    def summary_of(self, name: str) -> Manifest:
        """Wait for the end of the application of this name, and return what is known of its attempts."""
        return dict(self._get(f"/{self._ended(name)}"))

    def executors_of(self, name: str) -> list[Manifest]:
        """Wait for the end of the application of this name, and return the executors that it had, and its driver."""
        return list(self._get(f"/{self._ended(name)}/allexecutors"))

    def _ended(self, name: str) -> str:
        """Wait until it shows the end of the application of this name, and return its id; raises GaveUp."""
        ends = eventually(
            f"the end of {name} in the history",
            lambda: self._ends_of(name),
            lambda known: any(known.values()),
            within_s=timeouts.APPLICATION,
            show=lambda known: f"ended: {known}" if known else "no application of this name",
        )
        return next(each for each, ended in ends.items() if ended)

    def _ends_of(self, name: str) -> dict[str, bool]:
        """Return the applications of this name, by their ids, and whether each has ended."""
        known = self._if_there("") or ()
        return {each["id"]: each["attempts"][0]["completed"] for each in known if each["name"] == name}

    def _if_there(self, path: str) -> Any:
        """Return the answer; None if there is none yet, or while the server starts."""
        try:
            return self._get(path)
        except Refused as refused:
            if refused.code in _NOT_YET:
                return None
            raise

    def _get(self, path: str) -> Any:
        return self.server.get(_PORT, APPLICATIONS + path)
