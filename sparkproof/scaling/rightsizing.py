"""The size of executors that the platform's calculator advises from a measured run of the same application."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.scaling import calculators
from sparkproof.spark.application import Application
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.platform import Platform

CALCULATOR = calculators.SCRIPTS / "rightsizing_calculator.py"
# Nodes with more room than the advice for one task at once ever needs here: the work decides, and not the nodes.
_NODES = ("--nodes", "1", "--node-cores", "4", "--node-memory", "16g", "--cores", "1")
# Spark's settings of executors that hold all the work of the examples, and of some that do not, in users' words. An
# executor looks at its own memory every ten seconds otherwise, and misses what a short task held.
_LOOK_OFTEN = {"spark.executor.metrics.pollingInterval": "500ms"}
HEAPS: Mapping[str, Mapping[str, str]] = {
    "plenty of memory": {"spark.executor.memory": "2g", **_LOOK_OFTEN},
    "too little memory": {"spark.executor.memory": "640m", **_LOOK_OFTEN},
}
# The shares of the advised heap that criteria try, in quarters.
SHARES: Mapping[str, int] = {"the advised memory": 4, "three quarters of the advised memory": 3}


@dataclass(frozen=True)
class Advice:
    """The calculator's advice for one executor, in MiB: heap, and memory beside it; `measured` is the run behind it."""

    measured: Application
    memory: int
    overhead: int

    @classmethod
    def by(cls, platform: Platform, measured: Application) -> "Advice":
        """Return what the calculator advises from this run; raises SparkproofError with the calculator's sentence."""
        measured.must_succeed()
        history = HistoryServer.of(platform)
        found = {
            "--stages": history.stages_of(measured.submitted_as),
            "--executors": history.executors_of(measured.submitted_as),
        }
        said = _asked(found)
        return cls(measured, said["memory"]["value"], said["overhead"]["value"])

    def settings(self, share: str) -> Mapping[str, str]:
        """Spark's settings of an executor whose heap is one of SHARES of the advised one."""
        heap = self.memory * SHARES[share] // 4
        return {"spark.executor.memory": f"{heap}m", "spark.executor.memoryOverhead": f"{self.overhead}m"}


def must_advise_executors(platform: Platform) -> None:
    """Wait until executors have completed tasks, and check that the calculator advises their memory from that.

    What was measured is the word of the driver, which runs on.
    """
    driver = platform.history
    executors = eventually(
        "tasks that executors have completed",
        driver.executors,
        lambda known: any(each["id"] != "driver" and each.get("completedTasks") for each in known),
        within_s=timeouts.EXECUTORS,
        explain=platform.why,
        show=lambda known: {each["id"]: each.get("completedTasks", 0) for each in known},
    )
    try:
        memory = _asked({"--stages": driver.stages(), "--executors": executors})["memory"]
    except SparkproofError as refused:
        raise CheckFailed(f"The calculator advises nothing for the executors: {refused}") from refused
    evidence.prove(Level.EXECUTED, f"The calculator advises a heap of {memory['value']} MiB: {memory['why']}")


def _asked(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the calculator's numbers, each with its reason, from these answers of Spark's REST interface."""
    advice = calculators.ask(CALCULATOR, _NODES, found)
    evidence.attach("advice of the calculator", advice)
    return dict(json.loads(advice))


@dataclass(frozen=True)
class Spill:
    """The bytes of memory that each stage of an ended application moved to disk."""

    application: str
    stages: Mapping[int, int]

    @classmethod
    def of(cls, platform: Platform, application: Application) -> "Spill":
        """Return what the History Server shows; raises GaveUp if it never shows the application's end."""
        stages = HistoryServer.of(platform).stages_of(application.submitted_as)
        return cls(application.submitted_as, {each["stageId"]: each["memoryBytesSpilled"] for each in stages})

    def must_be_none(self) -> None:
        """Check that all stages stayed in memory."""
        if not self.stages or any(self.stages.values()):
            raise CheckFailed(f"Stages of {self.application} spilled to disk, in bytes by stage: {self.stages}")
        evidence.prove(Level.EXECUTED, f"No stage of {self.application} spilled: {self.stages}")

    def must_be_some(self) -> None:
        """Check that a stage did not stay in memory."""
        if not any(self.stages.values()):
            raise CheckFailed(f"No stage of {self.application} spilled to disk; so less memory would have been enough.")
        evidence.prove(Level.EXECUTED, f"Stages of {self.application} spilled, in bytes by stage: {self.stages}")
