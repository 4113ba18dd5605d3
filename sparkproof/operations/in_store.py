"""Lists and removes files of an object store, as JSON; runs in a platform's driver, whose environment has the keys."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from pyarrow.fs import FileSelector, FileSystem, FileType, S3FileSystem


def listed(store: FileSystem, folder: str) -> dict[str, float]:
    """Return the files below a folder ("lakehouse/rest"), each with the second of its last change; none without one."""
    found = store.get_file_info(FileSelector(folder, recursive=True, allow_not_found=True))
    return {each.path: each.mtime.timestamp() for each in found if each.type == FileType.File}


def remove(store: FileSystem, folder: str, ending: str) -> list[str]:
    """Remove the files below a folder whose names end like this, and return them."""
    gone = [path for path in listed(store, folder) if path.endswith(ending)]
    for path in gone:
        store.delete_file(path)
    return gone


def main(verb: str, arguments: Sequence[str]) -> Any:
    """Do what the verb says with the store that the environment names."""
    verbs: dict[str, Callable[..., Any]] = {"list": listed, "remove": remove}
    store = S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"))
    return verbs[verb](store, *arguments)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2:])))
