"""The memory that sessions take of the driver: what its heap still holds after they were opened, and closed or not."""

import re
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.operations.load import ask
from sparkproof.spark.platform import Platform

_SQL = "SELECT sum(id) FROM range(0, 2, 1, 1)"
# Sessions before the first look: what Spark keeps of ended work for its interface is full then (retained...: 20).
_WARM_UP = 30
# What may be left of a session that was closed. One that is open has a catalog, functions and settings of its own.
_LEFT = 64 * 1024
_TOTAL = re.compile(r"^Total +\d+ +(\d+)", re.MULTILINE)
_LINES = 40_000
_SIGNAL = "kill -QUIT $(grep --files-with-matches ^java$ /proc/[0-9]*/comm | cut -d/ -f3)"


@dataclass(frozen=True)
class DriverMemory(evidence.Brought):
    """The bytes of live objects in the driver's heap before and after so many sessions."""

    sessions: int
    before: int
    after: int

    @classmethod
    def after_sessions(cls, platform: Platform, sessions: int, *, close: bool) -> "DriverMemory":
        """Open sessions one after another, ask once in each, and close each of them or none."""
        _work(platform, _WARM_UP, close=True)
        before = live(platform)
        _work(platform, sessions, close=close)
        memory = cls(sessions, before, live(platform))
        evidence.attach("memory of the driver", vars(memory))
        return memory

    @property
    def to_read(self) -> str | None:
        """Sessions were opened."""
        return f"{self.sessions} sessions were opened"

    @property
    def each(self) -> float:
        """The bytes that are left of a session."""
        return (self.after - self.before) / self.sessions

    def must_be_flat(self) -> None:
        """Check that sessions left nothing that counts."""
        evidence.look_at(self)
        if self.each > _LEFT:
            raise CheckFailed(f"{self._words}: more than {_LEFT // 1024} KiB of each, so the driver's memory grows.")
        evidence.prove(Level.EXECUTED, self._words)

    def must_have_grown(self) -> None:
        """Check that sessions took memory, so that one that is left open would be seen."""
        evidence.look_at(self)
        if self.each <= _LEFT:
            raise CheckFailed(f"{self._words}: open sessions take memory, so the measure sees none.")
        evidence.prove(Level.EXECUTED, self._words)

    @property
    def _words(self) -> str:
        heap = f"{self.before / 2**20:.1f} MiB before and {self.after / 2**20:.1f} MiB after"
        return f"The driver held {heap} {self.sessions} sessions, {self.each / 1024:.0f} KiB for each"


def live(platform: Platform) -> int:
    """Return the bytes of live objects in the driver's heap, which it counts after a full collection of garbage.

    The JVM does so at a signal; needs a driver that runs with -XX:+PrintClassHistogram. Raises GaveUp, SparkproofError.
    """
    workloads = platform.workloads
    driver = workloads.place("connect")
    known = len(_totals(platform))
    said = driver.exec(["sh", "-c", _SIGNAL])
    if said.finish(timeouts.TOOL):
        raise SparkproofError(f"The driver took no signal: {said.errors().strip() or 'it said nothing'}")
    totals = eventually(
        "the driver's count of its live objects",
        lambda: _totals(platform),
        lambda found: len(found) > known,
        within_s=timeouts.TOOL,
    )
    return totals[-1]


def _totals(platform: Platform) -> list[int]:
    workloads = platform.workloads
    pod = workloads.pod("connect")["metadata"]["name"]
    log = workloads.kube.logs(pod, workloads.namespace, container="connect", lines=_LINES)
    return [int(size) for size in _TOTAL.findall(log)]


def _work(platform: Platform, sessions: int, *, close: bool) -> None:
    within_s = timeouts.LOAD + sessions * timeouts.SESSION
    reply = ask(platform, f"the end of {sessions} sessions", within_s, one_by_one=sessions, sql=_SQL, close=close)
    if reply["right"] != sessions:
        raise CheckFailed(f"{reply['right']} of {sessions} sessions got an answer.")
