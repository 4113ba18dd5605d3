"""The program that reaches an object store from a driver: all that lies below a folder is listed, and searched."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sparkproof.iceberg import store
from tests.support import programs

FOLDER = "lakehouse/rest/rides/trips"
TABLE = (f"{FOLDER}/data/1.parquet", f"{FOLDER}/data/zone=7/left.parquet", f"{FOLDER}/metadata/1.metadata.json")
CHANGED = datetime(2026, 11, 27, 8, tzinfo=UTC)


class Store:
    """An object store with these files; a folder that is not looked through shows what lies in itself alone."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def get_file_info(self, asked: SimpleNamespace) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(path=path, type="folder" if path.endswith("/") else "file", mtime=CHANGED)
            for path in sorted(self.files)
            if path.startswith(f"{asked.folder}/") and (asked.recursive or "/" not in path[len(asked.folder) + 1 :])
        ]

    def delete_file(self, path: str) -> None:
        del self.files[path]

    def open_input_stream(self, path: str) -> BytesIO:
        return BytesIO(self.files[path])


class ParquetFile:
    """A file of which each line behind the first four bytes is a group of one row."""

    def __init__(self, file: BytesIO) -> None:
        self.groups = file.read()[4:].decode().split()

    def iter_batches(self) -> Iterator[SimpleNamespace]:
        return (self.read_row_group(number) for number in range(len(self.groups)))

    def read_row_group(self, number: int) -> SimpleNamespace:
        return SimpleNamespace(to_pylist=lambda: [{"email": self.groups[number]}])


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Any:
    def select(folder: str, *, recursive: bool = False, allow_not_found: bool = False) -> SimpleNamespace:
        assert allow_not_found, "a folder without files is none in an object store"
        return SimpleNamespace(folder=folder, recursive=recursive)

    files: Any = ModuleType("pyarrow.fs")
    files.FileSelector, files.FileType = select, SimpleNamespace(File="file")
    files.FileSystem = files.S3FileSystem = object
    parquet: Any = ModuleType("pyarrow.parquet")
    parquet.ParquetFile = ParquetFile
    arrow: Any = ModuleType("pyarrow")
    arrow.fs, arrow.parquet = files, parquet
    for name, module in (("pyarrow", arrow), ("pyarrow.fs", files), ("pyarrow.parquet", parquet)):
        monkeypatch.setitem(sys.modules, name, module)
    return programs.program(Path(store.__file__).with_name("in_store.py"))


def test_each_file_below_a_folder_is_listed_with_its_last_change(program: Any) -> None:
    found = program.listed(Store(dict.fromkeys((*TABLE, f"{FOLDER}/data/", f"{FOLDER}2/other"), b"")), FOLDER)
    assert found == dict.fromkeys(TABLE, CHANGED.timestamp())


def test_files_are_removed_by_the_end_of_their_names_wherever_they_lie(program: Any) -> None:
    kept = Store(dict.fromkeys(TABLE, b""))
    assert program.remove(kept, FOLDER, ".parquet") == list(TABLE[:2])
    assert list(kept.files) == [TABLE[2]]
    assert program.remove(kept, FOLDER, "") == [TABLE[2]]


def test_a_file_of_any_kind_is_searched(program: Any) -> None:
    """An erasure has to reach metadata and statistics as well, whose names end otherwise."""
    files = {TABLE[0]: b"PAR1nobody", TABLE[2]: b'{"owner": "x@y"}', f"{FOLDER}/metadata/1.stats": b"..x@y"}
    assert program.search(Store(files), FOLDER, "x@y") == {
        TABLE[0]: False,
        TABLE[2]: True,
        f"{FOLDER}/metadata/1.stats": True,
    }


@pytest.mark.parametrize("rows", ["x@y a@b c@d", "a@b x@y c@d", "a@b c@d x@y"])
def test_each_group_of_rows_of_a_parquet_file_is_searched(program: Any, rows: str) -> None:
    # What stands in the file itself is packed, so that only reading it as Parquet shows it.
    assert [b"x@y" in part for part in program.unpacked(b"PAR1" + rows.encode())][1:].count(True) == 1
