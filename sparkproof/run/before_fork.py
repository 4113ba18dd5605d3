"""What before_all leaves that a forked worker cannot have as it is."""

import threading
from collections.abc import Collection, Iterator

from sparkproof.core import clock

# By how much before_all may move the clock without a word.
_MOVED_S = 5.0


def warnings(before: Collection[threading.Thread]) -> Iterator[str]:
    """What before_all has left that workers cannot have as it is, in sentences; `before` are threads from before it."""
    others = [one.name for one in threading.enumerate() if one not in before]
    if others:
        yield (
            f"before_all left threads that run ({', '.join(others)}): workers are copies without them, so a pool or a"
            " lock of theirs may wait for ever. Start them in a step or a feature's hook, set -D timeout, or use -j 1."
        )
    if abs(clock.moved()) > _MOVED_S:
        yield "before_all moved the clock: limits and durations of the run go by the machine's own clock."
