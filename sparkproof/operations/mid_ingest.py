"""Runs in the container of an ingest, and stops it when it has moved its first object, which follows its commit.

Takes the folder into which objects are moved, which is empty, and the one in which they land. Prints how many were
moved and how many are left, and kills the stopped ingest when it reads a line.
"""

import os
import signal
import sys

from pyarrow.fs import FileSelector, FileType, S3FileSystem

# Outside of a container, "every other program" would be every program of the machine.
os.getuid() or sys.exit("This is not for root.")
store = S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"))


def count(folder: str) -> int:
    """Return the number of objects in a folder."""
    found = store.get_file_info(FileSelector(folder, recursive=True, allow_not_found=True))
    return sum(each.type == FileType.File for each in found)


done, landing = sys.argv[1:]
while not count(done):
    pass
os.kill(-1, signal.SIGSTOP)
print(count(done), count(landing), flush=True)
sys.stdin.readline()
os.kill(-1, signal.SIGKILL)
