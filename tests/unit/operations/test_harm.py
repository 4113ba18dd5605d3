"""Harms to a backup, each as small as it says."""

from pathlib import Path

import pytest

from sparkproof.operations import harm


@pytest.mark.parametrize("content", [b"", b"one object"], ids=["only empty objects", "an object"])
def test_one_bit_of_one_file_is_flipped(content: bytes, tmp_path: Path) -> None:
    files = {"manifest.json": b"{" * 999, "databases/hive.dump": b"dump", "objects/tables/trips": content}
    for name, written in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written)
    harm.flip(tmp_path)
    bits = [
        (now ^ before).bit_count()
        for name, written in files.items()
        for now, before in zip((tmp_path / name).read_bytes(), written, strict=True)
    ]
    assert sum(bits) == 1
    assert (tmp_path / "manifest.json").read_bytes() == files["manifest.json"], "its files are harmed, not its list"


def test_all_backups_are_removed_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harm, "BACKUPS", tmp_path)
    for name in ("2026-11-27T090000.500000Z", "2026-11-28T090000.500000Z", "other"):
        (tmp_path / name / "databases").mkdir(parents=True)
    (tmp_path / ".lock").touch()
    harm.clear(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [".lock", "other"]
