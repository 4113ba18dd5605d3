"""Something costly that scenarios share, across worker processes: made by the first, removed after the last."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock

from sparkproof.errors import SparkproofError

T = TypeVar("T")
# A first failure may have been the infrastructure's; the second is believed.
_TRIES = 2


class Shared(Generic[T]):
    """Counts its users in files under a lock in `folder`, which worker processes have in common.

    `users` are the scenarios that will join. `make` makes the thing, `find` takes hold of one that another process
    made, `remove` ends it; without `remove` it is kept.
    """

    def __init__(
        self,
        folder: Path,
        users: Collection[str],
        *,
        make: Callable[[], T],
        find: Callable[[], T],
        remove: Callable[[], None] | None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._lock = folder / "shared.lock"
        self._made = folder / "shared.made"
        self._failures = [folder / f"shared.failure-{number}" for number in range(_TRIES)]
        self._left = folder / "shared.left"
        self._users = frozenset(users)
        self._make, self._find, self._remove = make, find, remove
        self._held: T | None = None

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
            if self._held is None or not self._made.exists():
                self._held = self._find() if self._made.exists() else self._made_now()
            return self._held

    def leave(self, user: str) -> None:
        """Note that a scenario has ended; after the last of the users the thing is removed.

        A user that comes back, because it is tried again, makes it anew.
        """
        if user not in self._users:
            return
        with self._locked():
            with self._left.open("a") as file:
                file.write(f"{user}\n")
            if self._remove and self._made.exists() and self._users <= set(self._left.read_text().splitlines()):
                self._remove()
                self._made.unlink()

    def _made_now(self) -> T:
        try:
            made = self._make()
        except Exception as broken:
            next(path for path in self._failures if not path.exists()).write_text(str(broken))
            raise
        self._made.touch()
        return made

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with FileLock(self._lock):
            yield
