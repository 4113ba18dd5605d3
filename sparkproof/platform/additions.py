"""What the embedded cluster has only once a scenario needs it: started beside the run, and awaited by who needs it."""

import os
import sys
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

from sparkproof.build.ahead import Maker, one_by_one
from sparkproof.cluster.target import EMBEDDED_CLUSTER, reach
from sparkproof.platform.shared import Shared

_PREFIX = "add-on "
# By how much the processor prefers what scenarios do: building an add-on for the first time takes minutes.
_NICE = 10


class Additions:
    """The capabilities of these names, in the order in which they are started: each once for all processes of a run.

    `start` starts one by its name, or leaves it as it is.
    """

    def __init__(self, names: Sequence[str] = (), start: Callable[[str], None] = lambda _: None) -> None:
        self._names, self._start = names, start
        self._shared: dict[str, Shared[None]] = {}
        self._maker: Maker | None = None

    def share(self, folder: Path) -> None:
        """Keep in `folder` what has been started."""
        self._shared = {name: self._share(name, folder) for name in self._names}

    def begin(self, folder: Path) -> None:
        """Share them in `folder`, and begin to start them in a process of its own: scenarios begin meanwhile."""
        self.share(folder)
        if self._names:
            self._maker = Maker([str(folder), *self._names], __name__)

    def have(self, names: Collection[str] | None = None) -> None:
        """Wait until those of these names are started, or all; raises the error of one that cannot be started."""
        for name, shared in self._shared.items():
            if names is None or name in names:
                shared.join()

    def reserved(self, names: Collection[str]) -> frozenset[str]:
        """Return what a scenario shares with others that needs these names."""
        return frozenset(f"{_PREFIX}{name}" for name in self._names if name in names)

    @property
    def there(self) -> frozenset[str]:
        """The ones that are started, as in reservations."""
        return self.reserved([name for name, shared in self._shared.items() if shared.is_made])

    def end(self) -> None:
        """Start no more; what is started stays."""
        if self._maker:
            self._maker.end()

    def _share(self, name: str, folder: Path) -> Shared[None]:
        make = partial(self._start, name)
        return Shared(folder / f"added-{name}", (), make=make, find=_nothing, remove=_nothing, keep=True)


def _nothing() -> None:
    pass


def _begin_at(folder: Path, names: Sequence[str]) -> None:
    """Start these on the embedded cluster, one after another, and keep in `folder` that they are."""
    os.nice(_NICE)
    target = reach(EMBEDDED_CLUSTER)
    additions = Additions(names, target.add)
    additions.share(folder)
    one_by_one({name: partial(additions.have, [name]) for name in names})


if __name__ == "__main__":
    _begin_at(Path(sys.argv[1]), sys.argv[2:])
