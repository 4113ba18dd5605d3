"""SIGTERM and SIGHUP stop a run as Ctrl-C does: schedulers, `timeout` and terminals that are lost send them."""

import errno
import functools
import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from sparkproof.run import own_process

_AS_CTRL_C = (signal.SIGTERM, signal.SIGHUP)


class Stop:
    """What stopped the run, `by` a signal; `ending` is True once the run removes what it made and writes its results.

    From then on SIGTERM and SIGHUP change nothing.
    """

    def __init__(self) -> None:
        self.by = ""
        self.ending = False

    @property
    def cause(self) -> str:
        return f"Stopped by {self.by or 'Ctrl-C'}."

    def spares(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        """The hook, which removes what the run made, so that no signal breaks it off."""

        @functools.wraps(hook)
        def spared(*args: Any) -> Any:
            self.ending = True
            return hook(*args)

        return spared


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Pass the first SIGTERM or SIGHUP on as Ctrl-C while the block runs; ignore those that follow.

    `timeout` and shells send a signal twice, so only Ctrl-C counts as a second request. A signal that was ignored
    before (`nohup`) stays ignored.
    """
    stop, owner = Stop(), own_process.pid()

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if own_process.pid() != owner:
            _end_as_usual(number)
            return
        _outlive_the_terminal()
        if not (stop.by or stop.ending):
            stop.by = signal.Signals(number).name
            if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in what a script puts into the background
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGINT)

    heard = [each for each in _AS_CTRL_C if signal.getsignal(each) == signal.SIG_DFL]
    for each in heard:
        signal.signal(each, pass_on)
    try:
        yield stop
    finally:
        for each in heard:
            signal.signal(each, signal.SIG_DFL)


def await_the_parent() -> None:
    """In a worker process: leave SIGTERM and SIGHUP to the parent, which interrupts its workers when it gets them.

    Whoever ends a service signals all its processes: a worker that was interrupted twice would not clean up. Programs
    that the worker starts and processes that a step forks end by them as usual.
    """
    owner = own_process.pid()

    def wait(number: int, _frame: FrameType | None) -> None:
        if own_process.pid() != owner:
            _end_as_usual(number)

    for each in _AS_CTRL_C:
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, wait)

    def own_end(what: str, send: Callable[..., None]) -> Callable[..., None]:
        def sending(*args: int) -> None:
            at_itself = own_process.pid() == owner and args[:-1] in ((), (0,), (owner,))
            if at_itself and args[-1] in _AS_CTRL_C and signal.getsignal(args[-1]) is wait:
                raise SystemExit(f"{what}({', '.join(map(str, args))})")
            send(*args)

        return sending

    # A step that ends its own process by a signal would pass: the signal waits for the parent. The group is its own.
    os.kill, os.killpg = own_end("os.kill", os.kill), own_end("os.killpg", os.killpg)
    signal.raise_signal = own_end("signal.raise_signal", signal.raise_signal)


def _end_as_usual(number: int) -> None:
    """End this process, which was forked from one that handles the signal, as if nobody handled it."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _outlive_the_terminal() -> None:
    """Write to nowhere what would go to a terminal that is gone: each write would fail, the verdict's too."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        with suppress(OSError, ValueError):
            try:
                termios.tcgetattr(stream.fileno())
            except termios.error as lost:
                if lost.args[0] == errno.EIO:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
