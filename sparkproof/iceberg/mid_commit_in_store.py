"""Stops every program in a writer's container in the middle of a commit to a table that lies in an object store.

It runs in that container, and takes the table's folder of metadata ("lakehouse/rest/s_1/trips/metadata"). Writes
"watching", then "caught N FILE ...": N commits were completed since, and these files of the next commit were written.
Then it kills every program when it reads "kill"; at another line, and at the end of its input, the writer continues. A
writer who was stopped when the commit was complete continues at once, and so does one whose catalog completes it
meanwhile, as a REST server does that was asked to; then the next commit is watched. It ends when its input ends.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable

# How long a server may take to complete what it was asked for before its client was stopped.
SETTLE_S = 2.0
_FILES, _LIST, _COMPLETE = ".avro", "snap-", ".metadata.json"


def catch(
    listed: Callable[[], set[str]],
    stop: Callable[[], None],
    go_on: Callable[[], None],
    settle: Callable[[], None],
    over: Callable[[], bool],
) -> tuple[int, list[str]] | None:
    """Return how many commits were completed, and the manifests of the one in which the writer stands still.

    `listed` returns the names of the files in the folder. None when it is `over` before.
    """
    known, completed = listed(), 0
    print("watching", flush=True)
    while not over():
        if not any(name.endswith(_FILES) for name in listed() - known):
            continue
        stop()
        new = listed() - known
        # Nobody asks a catalog to complete a commit before the list of its manifests is written.
        if any(name.startswith(_LIST) for name in new):
            settle()
            new = listed() - known
        complete = sum(name.endswith(_COMPLETE) for name in new)
        if not complete:
            return completed, sorted(name for name in new if name.endswith(_FILES))
        completed += complete
        known |= new
        go_on()
    return None


def main(folder: str) -> None:
    """Watch, stop, say so, and kill."""
    from pyarrow.fs import FileSelector, S3FileSystem

    # Outside of a container, "every program" would be every program of the machine.
    os.getuid() or sys.exit("This is not for root.")
    store = S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"))
    caught = catch(
        lambda: {each.base_name for each in store.get_file_info(FileSelector(folder))},
        lambda: os.kill(-1, signal.SIGSTOP),
        lambda: os.kill(-1, signal.SIGCONT),
        lambda: time.sleep(SETTLE_S),
        lambda: bool(select.select([sys.stdin], [], [], 0)[0]),
    )
    if caught is None:
        return
    print("caught", caught[0], *caught[1], flush=True)
    os.kill(-1, signal.SIGKILL if sys.stdin.readline().strip() == "kill" else signal.SIGCONT)


if __name__ == "__main__":
    main(*sys.argv[1:])
