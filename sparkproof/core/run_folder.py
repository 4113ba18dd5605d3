"""The folder of a run under the machine's temporary one: it holds what the run's processes share.

The processes of the run hold a lock on it. A run that was killed leaves its folder; the lock ends with its last
process, and the next run or `sparkproof sweep` removes what nobody holds.
"""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_PREFIX = "sparkproof-run-"
# A folder is hidden for the moment until it is held; one that stays hidden is of a run that was killed just then.
_HIDDEN_S = 60


def make() -> Path:
    """Make the folder, held until this process and those that it forks have ended; remove those of killed runs."""
    sweep()
    hidden = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    # Open until the process ends; programs that it starts do not inherit it.
    fcntl.flock(os.open(hidden, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX)
    # Only now can a sweep find it.
    return hidden.rename(hidden.with_name(hidden.name[1:]))


def sweep() -> list[str]:
    """Remove the folders that no process holds any more, and return their paths."""
    found = left_over()
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def left_over() -> list[str]:
    """Return the paths of the folders that no process holds any more."""
    temporary = Path(tempfile.gettempdir())
    hidden = [each for each in temporary.glob(f".{_PREFIX}*") if time.time() - each.lstat().st_mtime > _HIDDEN_S]
    return sorted(str(each) for each in (*temporary.glob(f"{_PREFIX}*"), *hidden) if _is_left_over(each))


def _is_left_over(folder: Path) -> bool:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(descriptor).st_uid != os.geteuid():
                return False
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        finally:
            os.close(descriptor)
    return False
