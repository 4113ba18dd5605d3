"""What is written to a file of a run is on its way to the disk at once, or together when it is released."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sparkproof.run.lasting import LastingFile, replace


def test_what_is_written_is_there_at_once(tmp_path: Path) -> None:
    file = LastingFile(tmp_path / "ledger", b"head\n")
    for line in (b"1\n", b"2\n"):
        file.write(line)
        assert (tmp_path / "ledger").read_bytes().endswith(line)
    assert (tmp_path / "ledger").read_bytes() == b"head\n1\n2\n"


def test_what_is_held_is_there_when_it_is_released(tmp_path: Path) -> None:
    file = LastingFile(tmp_path / "ledger")
    file.write(b"1\n")
    file.held = True
    file.write(b"2\n")
    file.write(b"3\n")
    assert (tmp_path / "ledger").read_bytes() == b"1\n"
    file.release()
    assert (tmp_path / "ledger").read_bytes() == b"1\n2\n3\n"
    file.write(b"4\n")
    assert (tmp_path / "ledger").read_bytes() == b"1\n2\n3\n4\n", "it is held no more"


def test_a_file_that_somebody_closed_is_told_when_it_is_released(tmp_path: Path) -> None:
    file = LastingFile(tmp_path / "ledger")
    file.write(b"1\n")
    file.held = True
    file.write(b"2\n")
    os.close(file._file.fileno())
    with pytest.raises(OSError, match="a step closed the runner's files") as told:
        file.release()
    assert told.value.errno == errno.EBADF
    file.close()
    assert not file.is_whole
    assert file.is_in_place, "it was only closed"


def test_a_number_that_is_another_file_by_now_is_not_written_to(tmp_path: Path) -> None:
    file = LastingFile(tmp_path / "ledger")
    file.write(b"1\n")
    number = file._file.fileno()
    other = os.open(tmp_path / "other", os.O_CREAT | os.O_WRONLY)
    os.dup2(other, number)
    os.close(other)
    assert not file.is_whole
    with pytest.raises(OSError, match="a step closed"):
        file.write(b"2\n")
    assert (tmp_path / "other").read_bytes() == b""


def test_a_file_is_made_with_its_folder_when_it_is_first_written(tmp_path: Path) -> None:
    file = LastingFile(tmp_path / "a" / "b" / "ledger", b"head\n")
    file.release()
    assert not (tmp_path / "a").exists(), "nothing waited"
    file.write(b"1\n")
    assert (file.is_in_place, file.is_whole) == (True, True)
    file.close()
    assert (tmp_path / "a" / "b" / "ledger").read_bytes() == b"head\n1\n"
    assert file._file.closed


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_what_was_taken_away_is_written_anew(how: str, tmp_path: Path) -> None:
    path = tmp_path / "reports" / "ledger.jsonl"
    file = LastingFile(path, b"head\n")
    file.write(b"1\n")
    path.unlink()
    if how == "removed":
        path.parent.rmdir()
    else:
        path.write_text("of another run")
    assert (file.is_in_place, file.is_whole) == (False, False)
    file.close()
    assert path.read_bytes() == b"head\n1\n"
    assert [each.name for each in path.parent.iterdir()] == ["ledger.jsonl"]


def test_a_file_is_replaced_in_one_step_and_in_a_folder_that_may_be_there(tmp_path: Path) -> None:
    for content in (b"1", b"2"):
        replace(tmp_path / "a" / "b" / "x.json", content)
        assert (tmp_path / "a" / "b" / "x.json").read_bytes() == content


class Full:
    """A file on a disk that has room for so many bytes, and that takes three at a time."""

    def __init__(self, file: Any, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, content: bytes) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(3, self._room, len(content))
        self._room -= taken
        return int(self._file.write(content[:taken]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize(("room", "kept"), [(100, "1\n2222222\n"), (5, "1\n22222")])
def test_a_disk_that_takes_a_part_gets_the_rest_and_what_is_lost_is_known(room: int, kept: str, tmp_path: Path) -> None:
    file = LastingFile(tmp_path / "ledger")
    file.write(b"1\n")
    file.__dict__["_file"] = Full(file._file, room)
    if room > 10:
        file.write(b"2222222\n")
    else:
        with pytest.raises(OSError, match="No space left"):
            file.write(b"2222222\n")
    assert file.is_whole == (room > 10)
    assert file.is_in_place
    assert (tmp_path / "ledger").read_text() == kept
