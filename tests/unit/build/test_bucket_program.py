"""The program that makes buckets, or awaits them: a store that is away is tried again, and a refusal is a sentence."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import programs


class Bucket:
    """A store in which a folder is there from the look or the attempt of this number on; `words` are its refusal."""

    def __init__(self, there_at: int, words: str = "") -> None:
        self.there_at, self.words, self.asked = there_at, words, list[str]()

    def __call__(self, **_: Any) -> "Bucket":
        return self

    def _ask(self, what: str) -> bool:
        self.asked.append(what)
        there = len(self.asked) >= self.there_at
        if self.words and not there:
            raise OSError(self.words)
        return there

    def create_dir(self, path: str) -> None:
        self._ask(f"make {path}")

    def get_file_info(self, path: str) -> Any:
        return SimpleNamespace(type="directory" if self._ask(f"look {path}") else "not found")


AWAY = "AWS Error NETWORK_CONNECTION during HeadBucket"


def makes(monkeypatch: pytest.MonkeyPatch, store: Bucket) -> Any:
    """The program, which finds this store."""
    files = SimpleNamespace(FileType=SimpleNamespace(Directory="directory"), S3FileSystem=store)
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace(fs=files))
    monkeypatch.setitem(sys.modules, "pyarrow.fs", files)
    return programs.program("spark/make_bucket.py")


@pytest.mark.parametrize(
    ("arguments", "store", "asked", "complaint"),
    [
        (["lake/logs/"], Bucket(1), ["make lake/logs"], None),
        (["lake"], Bucket(3, AWAY), ["make lake"] * 3, None),
        (["--await", "lake/logs"], Bucket(3), ["look lake/logs"] * 3, None),
        (["--await", "lake"], Bucket(99), ["look lake"] * 4, "does not have lake: it is not there"),
        (["lake"], Bucket(99, AWAY), ["make lake"] * 4, f"does not have lake: {AWAY}"),
        (["lake", "logs"], Bucket(99, "ACCESS_DENIED"), ["make lake"], "does not have lake: ACCESS_DENIED"),
        ([], Bucket(1), [], "Name the buckets and folders"),
    ],
)
def test_a_bucket_is_made_or_awaited_and_one_that_does_not_come_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], store: Bucket, asked: list[str], complaint: str | None
) -> None:
    program = makes(monkeypatch, store)
    monkeypatch.setattr(program, "PATIENCE_S", 0.004)
    monkeypatch.setattr(program, "PAUSE_S", 0.001)
    if complaint is None:
        program.main(arguments)
    else:
        with pytest.raises(SystemExit, match=complaint):
            program.main(arguments)
    assert store.asked == asked


def test_a_store_has_two_minutes_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    program, slept = makes(monkeypatch, Bucket(10_000, AWAY)), list[float]()
    monkeypatch.setattr(program.time, "sleep", slept.append)
    with pytest.raises(SystemExit):
        program.main(["lake"])
    assert sum(slept) == 120
