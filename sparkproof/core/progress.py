"""Shows long work while it happens: a live line on a terminal, plain lines with the time taken elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from sparkproof.core import evidence, listeners, timeouts
from sparkproof.core.spans import On

_console = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Announce `what` (a gerund: "building kubelet 1.36.3") while the block runs, then how long it took or failed."""
    started = time.monotonic()
    try:
        with evidence.spending(On.INSTALLING, what):
            if _console.is_terminal and threading.current_thread() is threading.main_thread():
                with _console.status(f"{what} ..."):
                    yield
            else:
                say(f"{what} ...")
                yield
    except BaseException:
        say(f"{what}: stopped after {time.monotonic() - started:.1f} s")
        raise
    say(f"{what}: {time.monotonic() - started:.1f} s")


class Waiting:
    """Says what a long wait still waits for: every few seconds at most, and only what has changed."""

    def __init__(self, what: str, every_s: float = timeouts.SAID_AGAIN) -> None:
        self._what, self._every_s = what, every_s
        self._started = self._last = time.monotonic()
        self._said = ""

    def look(self, describe: Callable[[], str]) -> None:
        """Say what `describe` returns if it is time and the text is new."""
        now = time.monotonic()
        if now - self._last < self._every_s:
            return
        self._last = now
        if (text := describe()) and text != self._said:
            self._said = text
            say(f"{self._what}, {now - self._started:.0f} s: {text}")


def say(line: str) -> None:
    """Print one line of progress to standard error, so that standard output stays the report's or the command's."""
    _console.print(line, markup=False)
    sys.stderr.flush()
    listeners.tell(line)
