"""Who listens to the lines of progress of this process; apart from progress, whose means to print take time to load."""

from collections.abc import Callable

_listeners: list[Callable[[str], None]] = []


def add(told: Callable[[str], None]) -> None:
    """Call `told` with each line from now on."""
    _listeners.append(told)


def tell(line: str) -> None:
    """Pass a line on to all who listen."""
    for told in _listeners:
        told(line)
