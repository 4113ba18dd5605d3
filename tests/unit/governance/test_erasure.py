"""Erasure: each place that keeps rows is reached, and what remains in a file is seen, packed or not."""

import gzip
import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.governance import erasure
from sparkproof.governance.customers import Customers
from sparkproof.governance.erasure import REACHES, Remains, erase, expired
from sparkproof.iceberg import Table
from sparkproof.iceberg.store import ObjectStore
from tests.support import programs, recorded
from tests.support.recorded import RecordedPlace, RecordedStreams, Reply

NAME, FOLDER = "rest.rides.customers", "lakehouse/rest/rides/customers"
DATA, MANIFEST, ORPHAN = f"{FOLDER}/data/1.parquet", f"{FOLDER}/metadata/m0.avro", f"{FOLDER}/data/left.parquet"
ANSWERS: dict[str, Reply] = {
    "metadata_log_entries": [(f"s3://{FOLDER}/metadata/00001-b.metadata.json",)],
    ".refs WHERE": [("main",), ("offers",)],
    ".refs": [("main", "BRANCH"), ("offers", "BRANCH"), ("audited", "TAG")],
    ".snapshots": [(1, "2026-11-27 08:00:00", "append", {})],
}


def store(files: dict[str, Any], sent: list[Sequence[str]] | None = None) -> ObjectStore:
    def program(argv: Sequence[str]) -> RecordedStreams:
        if sent is not None:
            sent.append(argv[3:])
        return RecordedStreams(json.dumps(files))

    return ObjectStore(RecordedPlace(program))


def erased(forget: str = "") -> list[str]:
    said: list[str] = []

    def answers(statement: str) -> Reply:
        said.append(statement)
        return next((reply for words, reply in ANSWERS.items() if words in statement), ())

    table = Table(recorded.session(answers=answers), NAME)
    erase(table, "email = 'x'", store({DATA: 1.0, ORPHAN: 2.0}), forget=forget)
    return said


# By what words each reach of an erasure is known among its statements.
WORDS = {
    "the data files": "rewrite_data_files",
    "the branches": f"INSERT OVERWRITE {NAME}.branch_offers SELECT * FROM {NAME}.branch_offers WHERE NOT",
    "the tags": "DROP TAG `audited`",
    "the earlier snapshots": "expire_snapshots",
    "the files of failed jobs": "remove_orphan_files",
}


def test_an_erasure_reaches_every_place() -> None:
    said = erased()
    assert WORDS.keys() == set(REACHES)
    assert all(any(words in each for each in said) for words in WORDS.values())
    assert f"DELETE FROM {NAME} WHERE email = 'x'" in said
    assert any("rewrite_manifests" in each for each in said)
    listed = next(each for each in said if "TEMPORARY VIEW" in each)
    assert f"('s3://{ORPHAN}', TIMESTAMP '2000-01-01')" in listed
    assert not [each for each in said if "branch_main" in each or "branch_audited" in each]


@pytest.mark.parametrize("reach", REACHES)
def test_a_place_that_is_forgotten_is_left_out_alone(reach: str) -> None:
    said = erased(reach)
    reached = {name for name, words in WORDS.items() if any(words in each for each in said)}
    assert reached == set(REACHES) - {reach}


def test_what_is_over_its_retention_follows_from_the_properties() -> None:
    def of(*properties: tuple[str, str]) -> str:
        return expired(Table(recorded.session(*properties), NAME))

    column = ("governance.retention-column", "since")
    assert of(("governance.retention", "30 days"), column) == "since < current_timestamp() - INTERVAL 30 DAYS"
    assert of(("governance.retention", "1 day"), column).endswith("INTERVAL 1 DAYS")
    for wrong in ([("governance.retention", "forever"), column], [("governance.retention", "30 days")], [column]):
        with pytest.raises(SparkproofError, match="has no retention in days"):
            of(*wrong)


def remains(files: dict[str, bool]) -> Remains:
    return Remains.of(Table(recorded.session(answers=ANSWERS), NAME), store(files), "x@y")


def test_a_text_that_is_in_no_file_is_proved(record: Record) -> None:
    remains({DATA: False, MANIFEST: False}).must_be_none()
    assert record.level is Level.EXECUTED
    for files, reason in (
        ({DATA: False, MANIFEST: True}, "still in 1 files: metadata/m0.avro"),
        ({DATA: True, MANIFEST: False}, "still in 1 files: data/1.parquet"),
        ({DATA: False}, "nothing to search"),
        ({}, "nothing to search"),
    ):
        with pytest.raises(CheckFailed, match=reason):
            remains(files).must_be_none()
    assert len(record.proofs) == 1


def test_a_text_that_remains_is_proved_by_a_data_file(record: Record) -> None:
    remains({DATA: True, MANIFEST: False}).must_be_some()
    assert record.level is Level.EXECUTED
    assert DATA.encode() in record.items[0].content
    assert (record.items[-1].name, json.loads(record.items[-1].content)) == ("still in", ["data/1.parquet"])
    with pytest.raises(CheckFailed, match="none of the data files"):
        remains({DATA: False, MANIFEST: True}).must_be_some()


OTHERS = ((1, "0@other.org"), (2, "1@other.org"), (3, "2@other.org"), (4, "neighbour@other.org"))


def customers(*rows: tuple[int, str], branches: Sequence[str] = ("main",)) -> Customers:
    answers: dict[str, Reply] = {".refs": [(name,) for name in branches]}
    answers |= {f"SELECT id, email FROM {NAME} VERSION AS OF '{name}'": list(rows) for name in branches}
    return Customers(Table(recorded.session(answers=answers), NAME), "x@y")


def test_the_others_are_all_there_and_nobody_else(record: Record) -> None:
    customers(*reversed(OTHERS)).must_be_the_others()
    assert record.level is Level.EXECUTED
    spoilt = customers(*OTHERS[:3], (4, ""))
    for wrong in (customers(*OTHERS[:3]), customers((0, "x@y"), *OTHERS), spoilt):
        with pytest.raises(CheckFailed, match="not"):
            wrong.must_be_the_others()
    with pytest.raises(CheckFailed, match="no branch"):
        customers(branches=()).must_be_the_others()


def test_a_customer_is_spread_by_copying_a_file_that_has_it() -> None:
    sent: list[Sequence[str]] = []
    table = Table(recorded.session(answers=ANSWERS), NAME)
    Customers(table, "x@y").spread(store({DATA: True}, sent))
    assert sent[-1] == ["copy", DATA, f"{FOLDER}/data/left-by-a-failed-job.parquet"]
    with pytest.raises(CheckFailed, match="none can be left over"):
        Customers(table, "x@y").spread(store({DATA: False}))


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function that unpacks files, from the program that runs where pyarrow is."""
    for name in ("pyarrow", "pyarrow.parquet", "pyarrow.fs"):
        module = ModuleType(name)
        for needed in ("FileSelector", "FileSystem", "FileType", "S3FileSystem"):
            setattr(module, needed, object)
        monkeypatch.setitem(sys.modules, name, module)
    path = Path(erasure.__file__).parents[1] / "iceberg" / "in_store.py"
    program = programs.program(path)
    return program.unpacked


def avro(block: bytes, codec: bytes) -> bytes:
    """An Avro file of one block; numbers below 64 are one byte, doubled."""

    def text(value: bytes) -> bytes:
        return bytes([2 * len(value)]) + value

    header = b"Obj\x01" + bytes([2]) + text(b"avro.codec") + text(codec) + b"\x00" + b"s" * 16
    return header + bytes([2]) + text(block) + b"s" * 16


def deflated(text: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(text) + packing.flush()


def test_what_is_packed_is_searched(unpacked: Any) -> None:
    secret = b"a" * 40 + b"x@y"
    assert list(unpacked(secret)) == [secret]
    assert secret in list(unpacked(gzip.compress(secret)))
    assert list(unpacked(avro(deflated(secret), b"deflate")))[1:] == [secret]
    assert list(unpacked(avro(b"x@y", b"null")))[1:] == [b"x@y"]
    with pytest.raises(ValueError, match="snappy"):
        list(unpacked(avro(b"x", b"snappy")))
    with pytest.raises(ValueError, match="damaged"):
        list(unpacked(avro(b"x", b"null")[:-1] + b"t"))
