"""What a cluster has only when scenarios need it: started once, beside the run, and awaited by who needs it."""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.platform import additions
from sparkproof.platform.additions import Additions

NAMES = ["kueue", "keda"]


class Starts:
    """Notes what is started; what is in `broken` cannot be."""

    def __init__(self, *broken: str) -> None:
        self.asked: list[str] = []
        self.broken = broken

    def __call__(self, name: str) -> None:
        self.asked.append(name)
        if name in self.broken:
            raise SparkproofError(f"no memory for {name}\nand more")


def shared(folder: Path, *broken: str) -> tuple[Additions, Starts]:
    starts = Starts(*broken)
    own = Additions(NAMES, starts)
    own.share(folder)
    return own, starts


def test_each_is_started_once_for_all_processes_and_only_for_who_needs_it(tmp_path: Path) -> None:
    (first, starts), (second, none) = shared(tmp_path), shared(tmp_path)
    first.have(["keda", "storage"])
    first.have(["keda"])
    second.have(["keda"])
    assert (starts.asked, none.asked) == (["keda"], [])
    assert first.there == second.there == {"add-on keda"}
    second.have()
    assert none.asked == ["kueue"]
    assert first.there == {"add-on keda", "add-on kueue"}


def test_one_that_cannot_be_started_is_tried_twice_and_said_to_all_who_need_it(tmp_path: Path) -> None:
    own, starts = shared(tmp_path, "kueue")
    for _ in range(3):
        with pytest.raises(SparkproofError, match="no memory for kueue"):
            own.have(["kueue"])
    own.have(["keda"])
    assert starts.asked == ["kueue", "kueue", "keda"]
    assert own.there == {"add-on keda"}


def test_scenarios_share_what_they_need_of_it(tmp_path: Path) -> None:
    own, _ = shared(tmp_path)
    assert own.reserved(["keda", "storage"]) == {"add-on keda"}
    assert Additions().reserved(["keda"]) == Additions().there == frozenset()
    Additions().have(["keda"])


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of the program that starts additions; its caller writes it."""
    path = tmp_path / "python"
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(path))
    return path


def test_they_are_started_beside_the_run_and_no_more_when_it_ends(python: Path, tmp_path: Path) -> None:
    said, running = tmp_path / "said", tmp_path / "pid"
    python.write_text(f"#!/bin/sh\necho $* > {said}; sleep 60 &\necho $! > {running}; wait\n")
    own = Additions(NAMES, Starts())
    began = time.monotonic()
    own.begin(tmp_path)
    eventually("the process", lambda: running.exists() and running.read_text(), bool, within_s=30)
    assert said.read_text() == f"-m sparkproof.platform.additions {tmp_path} kueue keda\n"
    own.end()
    eventually("its end", Path("/proc", running.read_text().strip()).exists, lambda there: not there, within_s=5)
    assert time.monotonic() - began < 40


def test_nothing_runs_beside_a_run_that_needs_nothing(python: Path, tmp_path: Path) -> None:
    python.write_text(f"#!/bin/sh\ntouch {tmp_path}/said\n")
    own = Additions()
    own.begin(tmp_path)
    own.end()
    assert not (tmp_path / "said").exists()


def test_the_process_beside_starts_one_after_another_and_stands_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    starts, stood_back = Starts("kueue"), list[int]()
    monkeypatch.setattr(os, "nice", stood_back.append)
    monkeypatch.setattr(additions, "reach", {"embedded": SimpleNamespace(add=starts)}.__getitem__)
    additions._begin_at(tmp_path, NAMES)
    assert (starts.asked, stood_back) == (NAMES, [10])
    assert "kueue is not made ahead: no memory for kueue\n" in capfd.readouterr().err
    other, _ = shared(tmp_path)
    assert other.there == {"add-on keda"}
