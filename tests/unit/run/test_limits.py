"""A time limit ends what runs, and nothing but it; Ctrl-C waits where it must and is let in where it may."""

import signal
import time
from types import FrameType

import pytest

from sparkproof.run.limits import Ended, OutOfTime, ends_more, interruptible, time_limit, uninterrupted


def test_what_ends_more_than_its_step_is_told_apart() -> None:
    ending = [SystemExit(0), OutOfTime("late"), GeneratorExit()]
    assert all(map(ends_more, ending))
    assert not any(map(ends_more, [None, ValueError("x"), KeyboardInterrupt()]))


def test_what_would_have_ended_the_program_is_said() -> None:
    assert str(Ended.by(OutOfTime("it had not ended after 1 s"))) == "it had not ended after 1 s"
    assert str(Ended.by(SystemExit(3))) == "it ended the program by SystemExit: 3"
    assert str(Ended.by(GeneratorExit("gone"))) == "it ended the program by GeneratorExit: gone"
    assert str(Ended.by(SystemExit())) == "it ended the program by SystemExit: None"
    assert type(Ended.by(SystemExit(3))) is Ended


def test_a_block_that_outlasts_its_limit_is_ended() -> None:
    began = time.perf_counter()
    with pytest.raises(OutOfTime, match=r"^it had not ended after 0.05 s, its time limit$"), time_limit(0.05):
        time.sleep(5)
    assert 0.04 < time.perf_counter() - began < 4
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_a_limit_ends_with_its_block_and_leaves_the_alarm_as_it_was(seconds: float) -> None:
    def own(_signal: int, _frame: FrameType | None) -> None: ...

    before = signal.signal(signal.SIGALRM, own)
    try:
        with time_limit(seconds):
            left, _ = signal.getitimer(signal.ITIMER_REAL)
            assert (left == 0) if not seconds else (50 < left <= 60)
            assert (signal.getsignal(signal.SIGALRM) is own) == (not seconds)
        assert signal.getsignal(signal.SIGALRM) is own
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        with pytest.raises(ValueError, match="x"), time_limit(seconds):
            raise ValueError("x")
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is own
    finally:
        signal.signal(signal.SIGALRM, before)


def blocked() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def test_ctrl_c_waits_for_the_end_of_a_block_and_is_let_in_within() -> None:
    before = blocked()
    assert signal.SIGINT not in before
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        signal.raise_signal(signal.SIGINT)  # to this thread; os.kill() may choose one of a library's
        assert blocked() == before | {signal.SIGINT}
        done.append("the block")
    assert done == ["the block"]
    assert blocked() == before


def test_ctrl_c_is_let_in_only_within_the_block() -> None:
    before = blocked()
    with uninterrupted():
        with interruptible():
            assert blocked() == before
        assert blocked() == before | {signal.SIGINT}
        with pytest.raises(ValueError, match="x"), interruptible():
            raise ValueError("x")
        assert blocked() == before | {signal.SIGINT}
    with pytest.raises(ValueError, match="x"), uninterrupted():
        raise ValueError("x")
    assert blocked() == before
