"""The memory that sessions take of the driver: what its heap still holds after they were opened, and closed or not."""

import re
from collections.abc import Mapping
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
# A class in the JVM's count (rank, instances, bytes, name), and the last line of it.
_CLASS = re.compile(r"^ *\d+: +\d+ +(\d+) +(\S+)", re.MULTILINE)
_TOTAL = re.compile(r"^Total +\d+ +(\d+)", re.MULTILINE)
_WHOLE_LOG = 1_000_000
_SHOWN = 20
# Counts at most, and the part of a count below which the next one has fallen.
_COUNTS, _FALLS_NO_MORE = 5, 0.995
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
        before = Heap.of(platform)
        _work(platform, sessions, close=close)
        after = Heap.of(platform)
        evidence.attach("bytes by which classes grew in the driver", after.growth_since(before))
        return cls(sessions, before.total, after.total)

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


@dataclass(frozen=True)
class Heap:
    """The live objects of a driver: bytes by class, and their total."""

    classes: Mapping[str, int]
    total: int

    @classmethod
    def of(cls, platform: Platform) -> "Heap":
        """Count what is left when all garbage is collected, again until it falls no more.

        What a collection finds unused is what cleaners of Spark and Java then let go, for the next one to collect.
        """
        found = cls._counted(platform)
        for _ in range(_COUNTS):
            before, found = found, cls._counted(platform)
            if found.total > before.total * _FALLS_NO_MORE:
                break
        return found

    @classmethod
    def _counted(cls, platform: Platform) -> "Heap":
        """Let the JVM collect all garbage and count what is left, which it does at a signal, and read that in its log.

        Needs a driver that runs with -XX:+PrintClassHistogram. Raises GaveUp, SparkproofError.
        """
        known = len(_TOTAL.findall(_log(platform)))
        said = platform.workloads.place("connect").exec(["sh", "-c", _SIGNAL])
        if said.finish(timeouts.TOOL) or said.errors():
            raise SparkproofError("The driver took no signal, so it did not count its live objects.")
        log = eventually(
            "the driver's count of its live objects",
            lambda: _log(platform),
            lambda log: len(_TOTAL.findall(log)) > known,
            within_s=timeouts.TOOL,
            show=lambda log: f"{len(log)} characters of its log",
        )
        *_, before_last, last = [0, *(each.end() for each in _TOTAL.finditer(log))]
        count = log[before_last:last]
        return cls({name: int(size) for size, name in _CLASS.findall(count)}, int(_TOTAL.findall(count)[-1]))

    def growth_since(self, before: "Heap") -> Mapping[str, int]:
        """Return the classes that take more bytes than before, those that grew most first."""
        grown = {name: size - before.classes.get(name, 0) for name, size in self.classes.items()}
        return dict(sorted(grown.items(), key=lambda pair: -pair[1])[:_SHOWN])


def _log(platform: Platform) -> str:
    workloads = platform.workloads
    pod = workloads.pod("connect")["metadata"]["name"]
    return workloads.kube.logs(pod, workloads.namespace, container="connect", lines=_WHOLE_LOG)


def _work(platform: Platform, sessions: int, *, close: bool) -> None:
    within_s = timeouts.LOAD + sessions * timeouts.SESSION
    reply = ask(platform, f"the end of {sessions} sessions", within_s, one_by_one=sessions, sql=_SQL, close=close)
    if reply["right"] != sessions:
        raise CheckFailed(f"{reply['right']} of {sessions} sessions got an answer.")
