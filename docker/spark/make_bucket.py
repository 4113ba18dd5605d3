#!/usr/bin/python3 -I
"""Makes buckets and folders ("lakehouse", "lakehouse/spark-events") in an object store; one that is there is fine.

The store is the one that AWS_ENDPOINT_URL_S3 names, the key and the region are AWS's own variables.
"""

import os
import sys

from pyarrow.fs import S3FileSystem


def main(paths: list[str]) -> None:
    """Make each of `paths`, whose first part is the bucket; leaves with a sentence when the store refuses."""
    store = S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"), allow_bucket_creation=True)
    for path in paths:
        try:
            store.create_dir(path)
        except OSError as refused:
            sys.exit(f"The object store refuses {path}: {refused}")
        print(f"{path} is there.")


if __name__ == "__main__":
    main(sys.argv[1:] or sys.exit("Name the buckets and folders to make: lakehouse lakehouse/spark-events"))
