"""A costly thing that scenarios of all worker processes share: made for the first, removed after the last."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout

from sparkproof.core.errors import SparkproofError

T = TypeVar("T")
# The first failure may come from the infrastructure; after the second, nobody tries again.
_TRIES = 2


class Shared(Generic[T]):
    """A thing that scenarios share; its users are counted in files under a lock in `folder`, for all processes.

    `users` are the scenarios that will join, each between `arrive` and `leave`. `make` makes the thing, `find` returns
    the one that another process made, `remove` removes it if it is there. With `keep`, it is only removed to free
    capacity or by `end`.
    """

    def __init__(
        self,
        folder: Path,
        users: Collection[str],
        *,
        make: Callable[[], T],
        find: Callable[[], T],
        remove: Callable[[], None],
        keep: bool = False,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._lock = folder / "shared.lock"
        self._made = folder / "shared.made"
        self._failures = [folder / f"shared.failure-{number}" for number in range(_TRIES)]
        self._left = folder / "shared.left"
        self._present = folder / "present"
        self._present.mkdir(exist_ok=True)
        self._users = frozenset(users)
        self._make, self._find, self._remove = make, find, remove
        self._keep = keep
        self._held: T | None = None
        self._held_since = ""

    @property
    def held(self) -> T | None:
        """The thing, if this process has joined it; else None."""
        return self._held

    def join(self) -> T:
        """Return the shared thing, and make it if it is not there.

        Raises the error of making it. After two failures, later calls raise SparkproofError with the last one's message
        at once.
        """
        with self._locked():
            if self._failures[-1].exists():
                raise SparkproofError(self._failures[-1].read_text())
            made = self._made.read_text() if self._made.exists() else ""
            if self._held is None or made != self._held_since:
                self._held = self._find() if made else self._made_now()
                self._held_since = self._made.read_text()
            return self._held

    @property
    def is_made(self) -> bool:
        """True if some process has made the thing, and none has removed it."""
        return self._made.exists()

    @property
    def to_come(self) -> int:
        """The number of users that have not left yet, those that use it now among them.

        It does not wait for the lock, which whoever makes the thing holds for as long as that takes.
        """
        return len(self._users - self._gone)

    def arrive(self, user: str) -> None:
        """Note that a scenario has begun: until it leaves, `remove_if_idle` does not remove the thing."""
        if user in self._users:
            with self._locked():
                self._mark(user).touch()

    def remove_if_idle(self) -> bool:
        """Remove the thing if nobody uses or makes it now; True if it was removed. A later `join` makes it again.

        An earlier run may have made and kept it.
        """
        with suppress(Timeout), self._locked(wait=False):
            if not any(self._present.iterdir()):
                self._end()
                return True
        return False

    def end(self) -> None:
        """Remove the thing if it is there, even if it is used."""
        with self._locked():
            self._end()

    def leave(self, user: str) -> None:
        """Note that a scenario has ended; after the last user the thing is removed, unless it is to be kept.

        A user that comes back, because its scenario is tried again, makes it again.
        """
        if user not in self._users:
            return
        with self._locked():
            with self._left.open("a") as file:
                file.write(f"{user}\n")
            self._mark(user).unlink(missing_ok=True)
            if self._users <= self._gone and self._made.exists() and not self._keep:
                self._end()

    @property
    def _gone(self) -> set[str]:
        """The users that have left."""
        return set(self._left.read_text().splitlines()) if self._left.exists() else set()

    def _end(self) -> None:
        self._remove()
        self._made.unlink(missing_ok=True)

    def _made_now(self) -> T:
        try:
            made = self._make()
        except Exception as broken:
            next(path for path in self._failures if not path.exists()).write_text(str(broken))
            raise
        self._made.write_text(uuid.uuid4().hex)
        return made

    def _mark(self, user: str) -> Path:
        """Return the file whose existence means that this scenario runs."""
        return self._present / hashlib.sha256(user.encode()).hexdigest()

    @contextmanager
    def _locked(self, *, wait: bool = True) -> Iterator[None]:
        with FileLock(self._lock, blocking=wait):
            yield
