"""The driver's memory over sessions: what is left of each is counted after a full collection, or nothing is proved."""

import json
from collections import deque
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.operations.sessions import DriverMemory
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

KIB, MIB = 1 << 10, 1 << 20


class Counting(RecordedKube):
    """A driver that writes the total of its live objects into its log at each signal."""

    def __init__(self, *sizes: int, right: int | None = None, says: str = "") -> None:
        self.sizes, self.log, self.asked = deque(sizes), "", list[Any]()
        # What is done, one after another, each once in a row.
        self.done: list[str] = []

        def reply(line: str) -> str:
            self.asked.append(json.loads(line))
            self._did("work")
            return json.dumps({"right": self.asked[-1]["one_by_one"] if right is None else right})

        def programs(pod: str, _: Any) -> RecordedStreams:
            if "client" in pod:
                return RecordedStreams(reply=reply)
            self._did("count")
            # The last count is that of all that follow.
            size = self.sizes.popleft() if len(self.sizes) > 1 else self.sizes[0]
            self.log += f"   1:  10  {size - 8}  [B (java.base@17)\n   2:  1  8  a.B\nTotal   1000   {size}\n"
            return RecordedStreams(errors=says)

        super().__init__(pod("spark-client-0", "client"), pod("spark-connect-0", "connect"), programs=programs)

    def _did(self, what: str) -> None:
        if self.done[-1:] != [what]:
            self.done.append(what)

    def logs(self, *_: Any, **__: Any) -> str:
        return self.log


def memory(kube: Counting, *, close: bool = True) -> DriverMemory:
    return DriverMemory.after_sessions(RecordedPlatform(kube), 40, close=close)


def test_memory_that_stays_flat_is_proved(record: Record) -> None:
    kube = Counting(120 * MIB, 100 * MIB, 100 * MIB, 101 * MIB)
    found = memory(kube)
    found.must_be_flat()
    assert record.level is Level.EXECUTED
    assert "100.0 MiB before and 101.0 MiB after 40 sessions, 26 KiB for each" in record.proofs[0].seen
    assert [(each["one_by_one"], each["close"]) for each in kube.asked] == [(30, True), (40, True)]
    assert kube.done == ["work", "count", "work", "count"]
    with pytest.raises(CheckFailed, match="the measure sees none"):
        found.must_have_grown()


@pytest.mark.usefixtures("one_look")
def test_a_count_of_before_is_not_taken_for_the_next() -> None:
    class Once(Counting):
        """A driver that counts at the first signal alone."""

        def logs(self, *_: Any, **__: Any) -> str:
            return "\n".join(self.log.splitlines()[:3]) + "\n" if self.log else ""

    with pytest.raises(GaveUp, match="the driver's count of its live objects"):
        memory(Once(100 * MIB, 90 * MIB))


def test_memory_that_grows_is_seen(record: Record) -> None:
    kube = Counting(100 * MIB, 100 * MIB, 150 * MIB, 140 * MIB)
    found = memory(kube, close=False)
    found.must_have_grown()
    assert record.level is Level.EXECUTED
    assert kube.asked[1]["close"] is False
    assert json.loads(record.items[0].content) == {"[B": 40 * MIB, "a.B": 0}
    with pytest.raises(CheckFailed, match="1024 KiB for each: more than 64 KiB of each"):
        found.must_be_flat()


def test_as_much_as_may_be_left_is_flat(record: Record) -> None:
    at_the_limit = DriverMemory(2, MIB, MIB + 128 * 1024)
    at_the_limit.must_be_flat()
    with pytest.raises(CheckFailed, match="the measure sees none"):
        at_the_limit.must_have_grown()
    assert len(record.proofs) == 1


@pytest.mark.usefixtures("record")
def test_what_was_not_measured_proves_nothing() -> None:
    with pytest.raises(CheckFailed, match="39 of 30 sessions"):
        memory(Counting(1, 2, right=39))
    with pytest.raises(SparkproofError, match="took no signal"):
        memory(Counting(1, 2, says="no such process"))
