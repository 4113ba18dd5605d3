"""The queue between a driver and its event log, which drops the events that the log does not keep up with."""

from dataclasses import dataclass

from sparkproof.core.errors import CheckFailed
from sparkproof.spark import settings_file
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads

_WRITES = "spark.eventLog.enabled=true"
_ROOM = "spark.scheduler.listenerbus.eventqueue.eventLog.capacity"


@dataclass(frozen=True)
class EventLogQueue:
    """The queue of the Connect server's event log."""

    workloads: Workloads

    @classmethod
    def of(cls, platform: Platform) -> "EventLogQueue":
        """Return the queue of the platform's Connect server."""
        return cls(platform.workloads)

    def shorten(self) -> None:
        """Give it room for one event, in the settings of a Connect server that starts again with them.

        Raises CheckFailed for a platform without event logs, GaveUp for one that does not come back.
        """
        settings = settings_file.read(self.workloads, "connect")
        if _WRITES not in settings.splitlines():
            where = self.workloads.namespace
            raise CheckFailed(f"The Connect server in {where} writes no event log, so that none can lose events.")
        settings_file.write(self.workloads, "connect", f"{settings.rstrip()}\n{_ROOM}=1\n")
        self.workloads.restart("connect", killed=True)
