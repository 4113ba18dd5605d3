"""The folder of a run outlives no run: one that was killed leaves it to the next sweep, one that lives keeps it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sparkproof.core import run_folder

# A run and a worker that it forks; both have the folder, and the run says its name.
RUN = (
    "import os, time\n"
    "from sparkproof.core import run_folder\n"
    "folder = run_folder.make()\n"
    "worker = os.fork()\n"
    "if worker: print(folder, worker, flush=True)\n"
    "time.sleep(60)\n"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def run(temporary: Path) -> Iterator[tuple[Path, list[int]]]:
    """The folder of a run that lives, and its processes."""
    environment = {**os.environ, "TMPDIR": str(temporary)}
    started = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, env=environment)
    assert started.stdout
    folder, worker = started.stdout.readline().split()
    pids = [started.pid, int(worker)]
    try:
        yield Path(folder), pids
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        started.communicate()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_it_stays_while_a_process_of_the_run_lives(temporary: Path) -> None:
    with run(temporary) as (folder, (parent, worker)):
        assert run_folder.sweep() == []
        kill(parent)
        assert run_folder.sweep() == []
        assert folder.is_dir()
        kill(worker)
        (folder / "spark-defaults.conf").write_text("a token")
        assert run_folder.sweep() == [str(folder)]
        assert not folder.exists()


def test_the_next_run_removes_it(temporary: Path) -> None:
    with run(temporary) as (folder, pids):
        for pid in pids:
            kill(pid)
        assert run_folder.make() != folder
        assert not folder.exists()


def test_what_others_made_is_left(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (temporary / "sparkproof-build").mkdir()
    (temporary / "target").mkdir()
    (temporary / "sparkproof-run-link").symlink_to(temporary / "target")
    assert run_folder.sweep() == []
    (temporary / "sparkproof-run-theirs").mkdir()
    with monkeypatch.context() as other_user:
        other_user.setattr(os, "geteuid", lambda: 12345)
        assert run_folder.sweep() == []
    assert (temporary / "sparkproof-run-theirs").is_dir()


def test_one_that_was_killed_before_it_was_held_is_removed_a_minute_later(temporary: Path) -> None:
    hidden = temporary / ".sparkproof-run-early"
    hidden.mkdir()
    assert run_folder.sweep() == [], "another run may be about to hold it"
    os.utime(hidden, (time.time() - 61,) * 2)
    assert run_folder.sweep() == [str(hidden)]
    assert not hidden.exists()
