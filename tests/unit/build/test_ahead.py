"""Images are made ahead of their use in a process of its own, which ends with the block that it runs beside."""

import sys
import time
from pathlib import Path

import pytest

from sparkproof.build import images
from sparkproof.build.ahead import images_one_by_one, making
from sparkproof.build.recipes import Recipe
from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of the program that makes images; its caller writes it. Only Java's image is built already."""
    path = tmp_path / "python"
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(path))
    monkeypatch.setattr(images, "is_built", lambda recipe: recipe == images.recipe("java"))
    return path


def test_the_images_that_are_missing_are_made_after_the_block(python: Path, tmp_path: Path) -> None:
    made, looked = tmp_path / "made", tmp_path / "looked"
    python.write_text(f"#!/bin/sh\nuntil test -e {looked}; do sleep 0.05; done; echo $* >> {made}\n")
    with making(["spark:4.1.1", "java", "postgres"]):
        assert not made.exists()
        looked.touch()
    assert made.read_text() == "-m sparkproof.build.ahead spark:4.1.1 postgres\n"


def test_nothing_is_started_where_nothing_is_missing(python: Path, tmp_path: Path) -> None:
    python.write_text(f"#!/bin/sh\ntouch {tmp_path}/made\n")
    with making(["java"]):
        pass
    assert not (tmp_path / "made").exists()


def test_an_image_that_cannot_be_made_does_not_stop_the_next(capfd: pytest.CaptureFixture[str]) -> None:
    asked: list[Recipe] = []

    def make(recipe: Recipe) -> None:
        asked.append(recipe)
        if len(asked) == 1:
            raise SparkproofError("disk full\nand more")

    images_one_by_one(["spark:4.1.1", "java"], make)
    assert asked == [images.recipe("spark:4.1.1"), images.recipe("java")]
    assert "the image spark:4.1.1 is not made ahead: disk full\n" in capfd.readouterr().err


def test_the_builds_end_with_a_block_that_raises(python: Path, tmp_path: Path) -> None:
    running = tmp_path / "pid"
    python.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {running}; wait\n")
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), making(["postgres"]):
        eventually("the build", running.exists, bool, within_s=30)
        time.sleep(0.1)
        raise KeyboardInterrupt
    eventually("its end", Path("/proc", running.read_text().strip()).exists, lambda there: not there, within_s=5)
    assert time.monotonic() - began < 40
