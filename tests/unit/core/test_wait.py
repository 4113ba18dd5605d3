"""Waits return what was awaited or raise with what was seen."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from sparkproof.core import evidence, patience, timeouts, wait
from sparkproof.core.errors import Cause, Reason
from sparkproof.core.patience import Patience, stretched
from sparkproof.core.spans import On
from sparkproof.core.wait import GaveUp, TooSlow, eventually

QUOTA = Cause(Reason.QUOTA, "quota refused it")


def numbers() -> Iterator[int]:
    return count(1)


def test_the_awaited_value_is_returned() -> None:
    seen = numbers()
    assert eventually("three", lambda: next(seen), lambda n: n == 3, within_s=5, every_s=0.001) == 3


def test_giving_up_tells_what_how_long_last_seen_and_why() -> None:
    with pytest.raises(GaveUp, match=r"a pod did not come within 0\.05 s: quota refused it\nlast seen: None") as late:
        eventually("a pod", lambda: None, bool, within_s=0.05, every_s=0.01, explain=lambda: [QUOTA])
    assert late.value.causes == (QUOTA,)
    with pytest.raises(GaveUp, match=r"^a pod did not come within 0 s; last seen: 2 pods\.$"):
        eventually("a pod", lambda: 2, lambda _: False, within_s=0, show=lambda found: f"{found} pods")


def test_a_wait_looks_as_often_as_it_is_told_and_notes_on_what_its_time_was_spent() -> None:
    record, seen = evidence.begin(), numbers()
    with pytest.raises(GaveUp, match=r"last seen: [1-4]\.$"):
        eventually("a row", lambda: next(seen), lambda _: False, within_s=0.1, every_s=0.05, on=On.SPARK)
    assert [(span.on, span.what) for span in record.spans] == [(On.SPARK, "a row")]


def test_a_hopeless_wait_ends_at_once() -> None:
    seen = numbers()
    crash = Cause(Reason.PROGRAM, "no such class")
    with pytest.raises(GaveUp, match=r"readiness cannot come any more, it crashed: no such class$"):
        eventually(
            "readiness",
            lambda: next(seen),
            lambda _: False,
            within_s=60,
            unrecoverable=lambda n: "it crashed" if n == 2 else None,
            explain=lambda: [crash],
            every_s=0.001,
        )
    assert next(seen) == 3


def crowded(monkeypatch: pytest.MonkeyPatch, programs: float) -> None:
    monkeypatch.setattr(wait, "Patience", lambda within_s: Patience(within_s, lambda: programs))


def test_what_comes_late_on_an_overloaded_machine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    crowded(monkeypatch, programs=12)
    seen = numbers()
    assert eventually("ten", lambda: next(seen), lambda n: n == 10, within_s=0.1, every_s=0.015) == 10


def test_what_does_not_come_on_an_overloaded_machine_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    crowded(monkeypatch, programs=400)
    with pytest.raises(
        TooSlow,
        match=r"too slow to judge: a pod did not come .* up to 400 programs .* last seen: None\nquota refused it$",
    ) as late:
        eventually("a pod", lambda: None, bool, within_s=0.01, every_s=0.005, explain=lambda: [QUOTA])
    assert late.value.causes == (QUOTA,)


@pytest.mark.parametrize("programs", [0, 1, 4])
def test_a_usual_load_stretches_nothing(programs: float) -> None:
    patience = Patience(10, lambda: programs)
    assert [patience(SimpleNamespace(seconds_since_start=s)) for s in (5, 9.9, 10)] == [False, False, True]
    assert not patience.has_time


def test_seconds_of_an_overload_count_less() -> None:
    loads = iter([8, 4, 16])
    patience = Patience(10, lambda: next(loads))
    # 8 s count half, 5 s whole, 4 s a quarter.
    assert [patience(SimpleNamespace(seconds_since_start=s)) for s in (8, 13, 17)] == [False, False, True]


def test_no_overload_stretches_a_wait_for_ever() -> None:
    patience = Patience(10, lambda: 1000)
    assert [patience(SimpleNamespace(seconds_since_start=s)) for s in (49, 50)] == [False, True]
    assert patience.has_time


@pytest.mark.parametrize(("programs", "seconds"), [(0, 20), (4, 20), (8, 40), (1000, 100)])
def test_a_limit_lasts_longer_while_the_machine_is_overloaded(programs: float, seconds: float) -> None:
    assert stretched(20, lambda: programs) == seconds


def test_the_system_says_how_many_programs_want_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(patience, "_PROC", Path("/proc/stat"))
    assert patience.crowding() > 0
    (tmp_path / "stat").write_text("cpu 1 2 3\nprocs_running 7\n")
    monkeypatch.setattr(patience, "_PROC", tmp_path / "stat")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert patience.crowding() == 3.5
    monkeypatch.setattr(patience, "_PROC", tmp_path / "none")
    assert patience.crowding() == 0


def test_what_is_watched_is_seen_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "AT_REST", 0.2)
    seen = wait.watch(iter(range(1000)).__next__)
    assert seen[:4] == [0, 1, 2, 3]
    monkeypatch.setattr(timeouts, "AT_REST", 0.0)
    assert wait.watch(lambda: 7) == [7]
