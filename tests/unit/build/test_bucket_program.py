"""The program that makes buckets, or awaits them: a store that is away is tried again, and a refusal is a sentence."""

import importlib.util
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.build.recipes import DOCKER


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
    files = SimpleNamespace(FileType=SimpleNamespace(Directory="directory"), S3FileSystem=store)
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace(fs=files))
    monkeypatch.setitem(sys.modules, "pyarrow.fs", files)
    spec = importlib.util.spec_from_file_location("make_bucket", DOCKER / "spark" / "make_bucket.py")
    assert spec and spec.loader
    makes: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(makes)
    monkeypatch.setattr(makes, "PATIENCE_S", 0.004)
    monkeypatch.setattr(makes, "PAUSE_S", 0.001)
    if complaint is None:
        makes.main(arguments)
    else:
        with pytest.raises(SystemExit, match=complaint):
            makes.main(arguments)
    assert store.asked == asked
