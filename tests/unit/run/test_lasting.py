"""What is written to a file of a run is on its way to the disk at once, or together when it is released."""

import os
from pathlib import Path

import pytest

from sparkproof.run.lasting import LastingFile


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
    with pytest.raises(OSError, match="a step closed the runner's files"):
        file.release()
