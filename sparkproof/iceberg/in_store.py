"""Lists, writes, copies, searches and removes files of an object store, as JSON.

It runs in a platform's driver, whose environment has the keys.
"""

import gzip
import io
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow.parquet
from pyarrow.fs import FileSelector, FileSystem, FileType, S3FileSystem

_AVRO, _GZIP, _PARQUET = b"Obj\x01", b"\x1f\x8b", b"PAR1"
_SYNC = 16


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


def write(store: FileSystem, files: str) -> None:
    """Write files, of which JSON has the text by the path."""
    for path, text in json.loads(files).items():
        with store.open_output_stream(path) as out:
            out.write(text.encode())


def copy(store: FileSystem, path: str, to: str) -> None:
    """Copy a file."""
    with store.open_output_stream(to) as out:
        out.write(_read(store, path))


def search(store: FileSystem, folder: str, text: str) -> dict[str, bool]:
    """Return the files below a folder, each with True if its bytes, or what is packed in them, have the text."""
    wanted = text.encode()
    return {path: any(wanted in part for part in unpacked(_read(store, path))) for path in listed(store, folder)}


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield a file's bytes, and what Parquet, Avro or gzip has packed in them; raises ValueError for other codecs."""
    yield content
    if content.startswith(_GZIP):
        yield gzip.decompress(content)
    elif content.startswith(_PARQUET):
        for batch in pyarrow.parquet.ParquetFile(io.BytesIO(content)).iter_batches():
            yield json.dumps(batch.to_pylist(), default=str, ensure_ascii=False).encode()
    elif content.startswith(_AVRO):
        yield from _blocks(io.BytesIO(content))


def _blocks(file: io.BytesIO) -> Iterator[bytes]:
    """Yield the blocks of an Avro file (https://avro.apache.org/docs/1.12.0/specification/#object-container-files)."""
    file.read(len(_AVRO))
    codec = b"null"
    while count := _long(file):
        if count < 0:
            _long(file)
        for _ in range(abs(count)):
            name, value = file.read(_long(file)), file.read(_long(file))
            codec = value if name == b"avro.codec" else codec
    if codec not in (b"null", b"deflate"):
        raise ValueError(f"an Avro file is packed with {codec.decode()}, which cannot be unpacked here")
    sync = file.read(_SYNC)
    while file.tell() < len(file.getbuffer()):
        _long(file)
        block = file.read(_long(file))
        yield zlib.decompress(block, wbits=-zlib.MAX_WBITS) if codec == b"deflate" else block
        if file.read(_SYNC) != sync:
            raise ValueError("an Avro file is damaged")


def _long(file: io.BytesIO) -> int:
    """Read a number as Avro writes it: seven bits in a byte, the low ones first, negative ones odd."""
    value = shift = 0
    while True:
        byte = file.read(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1)


def _read(store: FileSystem, path: str) -> bytes:
    with store.open_input_stream(path) as file:
        return bytes(file.read())


def main(verb: str, arguments: Sequence[str]) -> Any:
    """Do what the verb says with the store that the environment names."""
    verbs: dict[str, Callable[..., Any]] = {
        "list": listed, "write": write, "remove": remove, "copy": copy, "search": search,
    }  # fmt: skip
    store = S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"))
    return verbs[verb](store, *arguments)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2:])))
