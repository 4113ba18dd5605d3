"""Makes images in a process of its own while this one compiles: a build mostly waits for network and disk."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sparkproof.build import images
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import say


@contextmanager
def making(names: Sequence[str]) -> Iterator[None]:
    """Make the images of these names, in this order, while the block runs, and wait for them at its end.

    An image that cannot be made is left to whoever needs it, which says why. If the block raises, the process ends.
    """
    missing = [name for name in names if not images.is_archived(images.recipe(name))]
    if not missing:
        yield
        return
    # buildah's processes end with the group, not with their parent.
    maker = subprocess.Popen([sys.executable, "-m", __name__, *missing], start_new_session=True)
    try:
        yield
        maker.wait()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(maker.pid, signal.SIGTERM)
        maker.wait()


def make_all(names: Sequence[str]) -> None:
    """Make the images one after another; name each one that cannot be made."""
    for name in names:
        try:
            images.make(images.recipe(name))
        except SparkproofError as wrong:
            say(f"the image {name} is not made ahead: {str(wrong).splitlines()[0]}")


if __name__ == "__main__":
    make_all(sys.argv[1:])
