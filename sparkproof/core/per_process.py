"""A value that each process makes for itself: a forked worker must not use the sockets of its parent."""

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """A value that `make` returns, made once in each process that asks for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: tuple[int, T] | None = None

    @property
    def is_made(self) -> bool:
        """True if this process or a parent of it has made the value."""
        return self._made is not None

    def get(self) -> T:
        """Return this process's value; the first call makes it."""
        if self._made is None or self._made[0] != os.getpid():
            self._made = os.getpid(), self._make()
        return self._made[1]
