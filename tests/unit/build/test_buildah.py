"""A build leaves nothing behind, however it ends."""

import os
from pathlib import Path

import pytest
from filelock import Timeout

from sparkproof.build import buildah
from sparkproof.core import cache
from sparkproof.core.process import CommandFailed

LOG = 'for each; do case $each in rm|build|--all) printf "%s " $each >> "$0.log";; esac; done; echo >> "$0.log"\n'


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a program that stands for buildah, whose builds write temporary files and fail."""
    path = tmp_path / "bin" / "buildah"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{LOG}case $* in *build) mkdir $TMPDIR/buildah1; exit 1;; esac\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    return path


def test_a_build_that_breaks_off_leaves_no_file_and_no_container(program: Path) -> None:
    with pytest.raises(CommandFailed), buildah.building() as work:
        (work / "context").touch()
        buildah.run("build", work=work)
    assert not work.exists()
    assert Path(f"{program}.log").read_text().split("\n") == ["rm --all ", "build ", "rm --all ", ""]


@pytest.mark.usefixtures("program")
def test_what_a_killed_build_left_is_gone_before_the_next_begins() -> None:
    left = cache.root() / "images" / "work" / "buildah1"
    left.mkdir(parents=True)
    with buildah.building() as work:
        assert list(work.iterdir()) == []


@pytest.mark.parametrize(("refusals", "exit_code"), [(4, 0), (5, 1)])
def test_a_command_that_could_not_start_itself_is_tried_again(program: Path, refusals: int, exit_code: int) -> None:
    refused = "echo 'Close_Fd sealing memfd copy: Device or resource busy' >&2; exit 1"
    program.write_text(f'#!/bin/sh\necho >> "$0.log"\n[ $(wc -l < "$0.log") -gt {refusals} ] || {{ {refused}; }}\n')
    assert buildah.run("run", check=False).exit_code == exit_code


@pytest.mark.parametrize("check", [True, False])
def test_a_command_that_failed_at_its_work_is_not_tried_again(program: Path, check: bool) -> None:
    program.write_text('#!/bin/sh\necho >> "$0.log"\nexit 3\n')
    if check:
        with pytest.raises(CommandFailed, match="exited with code 3"):
            buildah.run("run")
    else:
        assert buildah.run("run", check=False).exit_code == 3
    assert Path(f"{program}.log").read_text() == "\n"


@pytest.mark.usefixtures("program")
def test_no_build_runs_while_another_one_does() -> None:
    with buildah.building(), pytest.raises(Timeout), buildah.alone().acquire(timeout=0):
        pass
    with buildah.alone().acquire(timeout=0):
        pass


@pytest.mark.usefixtures("program")
def test_the_temporary_files_of_a_build_lie_where_the_next_one_finds_them() -> None:
    with buildah.building() as work:
        buildah.run("build", check=False, work=work)
        assert (work / "buildah1").is_dir()
