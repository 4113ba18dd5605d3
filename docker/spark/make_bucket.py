#!/usr/bin/python3 -I
"""Makes buckets and folders ("lakehouse", "lakehouse/spark-events") in an object store; one that is there is fine.

The store is the one that AWS_ENDPOINT_URL_S3 names, the key and the region are AWS's own variables. With --await in
front of the paths, another makes them, and they are only waited for.
"""

import os
import sys
import time
from collections.abc import Callable

from pyarrow.fs import FileType, S3FileSystem

PATIENCE_S = 120
PAUSE_S = 0.5


def main(arguments: list[str]) -> None:
    """Make the paths, whose first part is the bucket, or await them; leaves with a sentence when the store refuses."""
    store = S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"), allow_bucket_creation=True)
    paths = [path.rstrip("/") for path in arguments if path != "--await"]

    def make(path: str) -> bool:
        store.create_dir(path)
        return True

    def look(path: str) -> bool:
        return bool(store.get_file_info(path).type == FileType.Directory)

    for path in paths or [sys.exit("Name the buckets and folders to make: lakehouse lakehouse/spark-events")]:
        persist(look if "--await" in arguments else make, path)
        print(f"{path} is there.")


def persist(act: Callable[[str], bool], path: str) -> None:
    """Try until it is done, for PATIENCE_S while the store does not answer; leaves with a sentence."""
    last_words = "it is not there"
    for _ in range(int(PATIENCE_S / PAUSE_S)):
        try:
            if act(path):
                return
        except OSError as refused:
            last_words = str(refused)
            if "NETWORK_CONNECTION" not in last_words:
                break
        time.sleep(PAUSE_S)
    sys.exit(f"The object store does not have {path}: {last_words}")


if __name__ == "__main__":
    main(sys.argv[1:])
