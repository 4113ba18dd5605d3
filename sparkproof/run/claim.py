"""One run at a time writes into a folder of reports: a second one would take the results of the first."""

import errno
import fcntl
from pathlib import Path
from typing import IO

from sparkproof.run import own_process

_NAME = ".run"


def claim(folder: Path) -> IO[str]:
    """Hold the folder for this process, and not for those that it forks, until the returned file is closed.

    Raises OSError when another process holds it.
    """
    file = (folder / _NAME).open("a+")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as refused:
        # Some file systems have no locks.
        if refused.errno in (errno.EACCES, errno.EAGAIN):
            file.seek(0)
            said = f"process {file.read().strip()} runs and writes there: wait for its end, or give -D reports=FOLDER"
            raise OSError(errno.EBUSY, said, str(folder)) from None
    else:
        file.truncate(0)
        file.write(f"{own_process.pid()}\n")
        file.flush()
    return file
