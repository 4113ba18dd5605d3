"""The room that a run needs is more than what the kubelet evicts at, and what is missing is told by its amount."""

from pathlib import Path

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import lifecycle, room
from sparkproof.embedded.layout import Layout
from sparkproof.embedded.room import Room

GIB = 2**30
AMPLE = {"bytes": 50 * GIB, "inodes": 10**6, "memory": 8 * GIB}


@pytest.mark.parametrize(
    ("short", "told"),
    [
        ({"bytes": int(1.5 * GIB)}, "1.5 GiB of disk is free at /x, and 2.0 GiB is needed: free 0.5 GiB more"),
        ({"inodes": 480}, "480 inodes are free at /x, and 20480 are needed: remove 20000 files"),
        ({"memory": GIB // 2}, "0.5 GiB of memory is free, and 1.0 GiB is needed: free 0.5 GiB"),
    ],
)
def test_each_kind_of_room_is_told_with_what_is_missing(short: dict[str, int], told: str) -> None:
    assert Room(Path("/x"), **AMPLE).lacks() == []
    assert Room(Path("/x"), **{**AMPLE, **short}).lacks() == [told]


def test_an_image_that_is_to_be_loaded_needs_its_own_room() -> None:
    assert Room(Path("/x"), **AMPLE).lacks(more=47 * GIB) == []
    assert "free 1.0 GiB more" in Room(Path("/x"), **AMPLE).lacks(more=49 * GIB)[0]


@pytest.mark.parametrize("kind", ["bytes", "inodes"])
def test_a_run_is_refused_before_the_kubelet_evicts(kind: str) -> None:
    evicts_at = {"bytes": room.EVICTED_BELOW_BYTES, "inodes": room.EVICTED_BELOW_INODES}[kind]
    assert Room(Path("/x"), **{**AMPLE, kind: 2 * evicts_at}).lacks()


def test_the_room_is_that_of_the_disk_with_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Room.at(Layout(tmp_path / "state"))
    assert found.folder == tmp_path
    assert found.bytes > 0
    assert f"free at {tmp_path}" in str(found)
    monkeypatch.setenv("SPARKPROOF_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(room, "memory_available", lambda: 0)
    with pytest.raises(SparkproofError, match=r"too little room: .*0\.0 GiB of memory is free"):
        lifecycle.refuse_without_room()


@pytest.mark.parametrize(
    ("short", "told"),
    [
        ({"bytes": 0}, "disk pressure (0.0 GB of disk free, 1000000 inodes, 8.6 GB of memory)"),
        ({"inodes": 0}, "disk pressure for want of inodes (53.7 GB of disk free, 0 inodes, 8.6 GB of memory)"),
        ({"memory": 0}, "memory pressure (53.7 GB of disk free, 1000000 inodes, 0.0 GB of memory)"),
    ],
)
def test_a_pressure_is_told_with_what_is_free(short: dict[str, int], told: str) -> None:
    assert Room(Path("/x"), **{**AMPLE, **short}).pressure() == told


def test_what_a_run_lacks_is_no_pressure_yet() -> None:
    assert Room(Path("/x"), **{**AMPLE, "bytes": room.EVICTED_BELOW_BYTES}).pressure() == ""
