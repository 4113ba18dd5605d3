"""Images are made ahead of their use in a process of its own, which ends with the block that it runs beside."""

import os
import time
from pathlib import Path

import pytest

from sparkproof.build import images
from sparkproof.build.ahead import making
from sparkproof.core.wait import eventually

EXISTS = "case $* in *inspect*) exit 0;; esac\n"


@pytest.fixture
def buildah(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a program that stands for buildah; its caller writes it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in images.TOOLS:
        (folder / tool).write_text("#!/bin/sh\n")
        (folder / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    return folder / "buildah"


def test_the_images_are_there_after_the_block(buildah: Path, tmp_path: Path) -> None:
    log, looked = tmp_path / "log", tmp_path / "looked"
    buildah.write_text(f"#!/bin/sh\n{EXISTS}until test -e {looked}; do sleep 0.05; done; echo $* >> {log}\n")
    names = ["spark:4.1.1", "java"]
    with making(names):
        assert not any(images.is_archived(images.recipe(name)) for name in names)
        looked.touch()
    assert all(images.is_archived(images.recipe(name)) for name in names)
    pushed = log.read_text().splitlines()
    assert [images.recipe(name).reference in line for name, line in zip(names, pushed, strict=True)] == [True, True]
    with making(names):
        pass
    assert log.read_text().splitlines() == pushed


def test_an_image_that_cannot_be_made_does_not_stop_the_next(buildah: Path, capfd: pytest.CaptureFixture[str]) -> None:
    buildah.write_text(f"#!/bin/sh\n{EXISTS}case $* in *spark:4.1.1*) echo disk full >&2; exit 1;; esac\n")
    with making(["spark:4.1.1", "java"]):
        pass
    assert "the image spark:4.1.1 is not made ahead: `buildah` exited with code 1: disk full" in capfd.readouterr().err
    assert images.is_archived(images.recipe("java"))


def test_the_builds_end_with_a_block_that_raises(buildah: Path, tmp_path: Path) -> None:
    running = tmp_path / "pid"
    buildah.write_text(f"#!/bin/sh\n{EXISTS}echo $$ > {running}; exec sleep 60\n")
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), making(["java"]):
        eventually("the build", running.exists, bool, within_s=30)
        time.sleep(0.1)
        raise KeyboardInterrupt
    eventually("its end", Path("/proc", running.read_text().strip()).exists, lambda there: not there, within_s=5)
    assert time.monotonic() - began < 40
    assert not images.is_archived(images.recipe("java"))
