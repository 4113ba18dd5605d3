"""Shows long work while it happens: a live line on a terminal, plain lines with the time taken elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from sparkproof.core import evidence
from sparkproof.core.spans import On

_console = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Announce `what` (a gerund: "building kubelet 1.36.3") while the block runs, then how long it took or failed."""
    started = time.monotonic()
    try:
        with evidence.spending(On.INSTALLING, what):
            if _console.is_terminal:
                with _console.status(f"{what} ..."):
                    yield
            else:
                say(f"{what} ...")
                yield
    except BaseException:
        say(f"{what}: stopped after {time.monotonic() - started:.1f} s")
        raise
    say(f"{what}: {time.monotonic() - started:.1f} s")


def say(line: str) -> None:
    """Print one line of progress to standard error, so that standard output stays the report's or the command's."""
    _console.print(line, markup=False)
    sys.stderr.flush()
