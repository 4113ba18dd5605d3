"""Which process this is and how it ends, whatever a step puts in the place of os.getpid() and os._exit()."""

import os
from typing import NoReturn

# Those who replace a function look for its name in modules: in a tuple there is none.
_REAL = (os.getpid, os._exit)


def pid() -> int:
    """The number of this process."""
    return _REAL[0]()


def end(code: int) -> NoReturn:
    """End this process at once, without any clean-up."""
    _REAL[1](code)
    raise AssertionError("a process that has ended goes on")
