"""Makes images and more in a process of its own while this one goes on: a build mostly waits for network and disk."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from sparkproof.build import images
from sparkproof.build.recipes import Recipe
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import say


class Maker:
    """A process that makes what these names stand for, images if no other `module` does it, in this order.

    What cannot be made is left to whoever needs it, which says why.
    """

    def __init__(self, names: Sequence[str], module: str = __name__) -> None:
        # buildah's processes end with the group, not with their parent.
        self._process = subprocess.Popen([sys.executable, "-m", module, *names], start_new_session=True)

    def wait(self) -> None:
        """Wait until all is made that can be."""
        self._process.wait()

    def end(self) -> None:
        """End the process, and what it started; whoever needs what it has not made then makes it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


@contextmanager
def making(names: Sequence[str]) -> Iterator[None]:
    """Make the images of these names while the block runs, and wait for them at its end; if it raises, they end."""
    missing = [name for name in names if not images.is_built(images.recipe(name))]
    if not missing:
        yield
        return
    maker = Maker(missing)
    try:
        yield
        maker.wait()
    finally:
        maker.end()


def one_by_one(making: Mapping[str, Callable[[], object]]) -> None:
    """Call what makes each thing; say of each one that cannot be made why, by its key ("the image java")."""
    for name, make in making.items():
        try:
            make()
        except SparkproofError as wrong:
            say(f"{name} is not made ahead: {str(wrong).splitlines()[0]}")


def images_one_by_one(names: Sequence[str], make: Callable[[Recipe], object]) -> None:
    """Call `make` with the recipe of each image; say of each one that cannot be made why."""
    one_by_one({f"the image {name}": partial(make, images.recipe(name)) for name in names})


if __name__ == "__main__":
    images_one_by_one(sys.argv[1:], images.ensure_chain_built)
