"""Something costly that scenarios share, across worker processes: made by the first, removed after the last."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout

from sparkproof.core.errors import SparkproofError

T = TypeVar("T")
# A first failure may have been the infrastructure's; the second is believed.
_TRIES = 2


class Shared(Generic[T]):
    """Counts its users in files under a lock in `folder`, which worker processes have in common.

    `users` are the scenarios that will join, each between `arrive` and `leave`. `make` makes the thing, `find` takes
    hold of one that another process made, `remove` ends it, if it is there. One to `keep` only goes to make room.
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
        """What this process has joined, if it has."""
        return self._held

    def join(self) -> T:
        """The shared thing, made if nobody has.

        Raises what kept it from being made; once that has happened twice, everybody who comes later is told at once.
        """
        with self._locked():
            if self._failures[-1].exists():
                raise SparkproofError(self._failures[-1].read_text())
            made = self._made.read_text() if self._made.exists() else ""
            if self._held is None or made != self._held_since:
                self._held = self._find() if made else self._made_now()
                self._held_since = self._made.read_text()
            return self._held

    def arrive(self, user: str) -> None:
        """Note that a scenario has begun: until it leaves, the thing does not make room for others."""
        if user in self._users:
            with self._locked():
                self._mark(user).touch()

    def remove_if_idle(self) -> bool:
        """Remove the thing if nobody uses or makes it now; whether that was done. Who joins later makes it anew.

        It need not have been made here: an earlier run may have kept it.
        """
        with suppress(Timeout), self._locked(wait=False):
            if not any(self._present.iterdir()):
                self._end()
                return True
        return False

    def end(self) -> None:
        """Remove the thing if it is there, whoever uses it."""
        with self._locked():
            self._end()

    def leave(self, user: str) -> None:
        """Note that a scenario has ended; after the last of the users the thing is removed, if it is not to be kept.

        A user that comes back, because it is tried again, makes it anew.
        """
        if user not in self._users:
            return
        with self._locked():
            with self._left.open("a") as file:
                file.write(f"{user}\n")
            self._mark(user).unlink(missing_ok=True)
            if self._users <= set(self._left.read_text().splitlines()) and self._made.exists() and not self._keep:
                self._end()

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
        """The file that says that a scenario is at work."""
        return self._present / hashlib.sha256(user.encode()).hexdigest()

    @contextmanager
    def _locked(self, *, wait: bool = True) -> Iterator[None]:
        with FileLock(self._lock, blocking=wait):
            yield
