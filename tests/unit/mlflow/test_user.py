"""The program that acts as a user of MLflow: how a client has keys, what is killed, and who tracks at the same time."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sparkproof.mlflow import tracking
from tests.support import programs

PROGRAM = Path(tracking.__file__).with_name("user.py")
# Stands in for `mlflow run`: it says in which folder it was to run what, and what it starts writes on.
MLFLOW = """#!/bin/sh
printf '%s\\n' "$@"
cat "$2/main.py"
[ ! "$NOTES" ] || (while sleep 0.05; do echo on >> "$NOTES"; done)
exit 3
"""
ASKED = {
    "name": "sum",
    "files": {"main.py": "print(1)\n"},
    "experiment": "e",
    "entry": "main",
    "parameters": {"a": "1"},
}


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What sends one request to the program, and returns its reply."""
    (tmp_path / "mlflow").write_text(MLFLOW)
    (tmp_path / "mlflow").chmod(0o755)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)

    def send(variables: dict[str, str] | None = None, **request: Any) -> Any:
        path = f"{tmp_path}:{os.environ['PATH']}"
        own = {**os.environ, "PATH": path, "NOTES": "", "TMPDIR": str(tmp_path), **(variables or {})}
        ended = subprocess.run(
            [sys.executable, "-uc", PROGRAM.read_text()],
            env=own, input=f"{json.dumps(request)}\n", capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return json.loads(ended.stdout)

    return send


def test_a_project_is_run_as_its_user_says(ask: Callable[..., Any]) -> None:
    reply = ask(op="run", **ASKED)
    assert reply["exit_code"] == 3
    command, folder, *how = reply["output"].splitlines()
    assert (command, Path(folder).name) == ("run", "sum")
    wanted = ["--env-manager", "local", "--experiment-name", "e", "--entry-point", "main", "-P", "a=1", "print(1)"]
    assert how == wanted


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_a_client_that_has_any_key_of_an_object_store_says_so(ask: Callable[..., Any], name: str) -> None:
    assert ask({name: "x"}, op="run", **ASKED)["keys"] == [name]
    assert ask(op="run", **ASKED)["keys"] == []


def test_a_kill_ends_all_that_a_started_project_has_started(ask: Callable[..., Any], tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    started = ask({"NOTES": str(notes)}, op="start", **ASKED)["process"]
    end = time.monotonic() + 30
    while not notes.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert notes.exists()
    assert ask(op="kill", process=started) == {}
    time.sleep(0.2)
    known = notes.read_text()
    time.sleep(0.3)
    assert notes.read_text() == known
    assert ask(op="kill", process=started) == {}, "one that has ended is fine"


def test_nobody_tracks_before_all_who_track_at_once_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    class Barrier(threading.Barrier):
        def wait(self, timeout: float | None = None) -> int:
            done.append("is there")
            return super().wait(timeout)

    class Client:
        def create_experiment(self, name: str) -> str:
            return f"place of {name}"

        def create_run(self, place: str) -> SimpleNamespace:
            assert place == "place of e"
            done.append("begins")
            return SimpleNamespace(info=SimpleNamespace(run_id=f"r{done.count('begins')}-{threading.get_ident()}"))

        def log_param(self, _run: str, _key: str, _value: str) -> None:
            done.append("tracks")

        def set_terminated(self, _run: str) -> None:
            done.append("ends")

    library: Any = ModuleType("mlflow")
    library.MlflowClient = Client
    monkeypatch.setitem(sys.modules, "mlflow", library)
    monkeypatch.setattr(threading, "Barrier", Barrier)
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"op": "log", "experiment": "e", "count": 3, "parameters": 2}\n'))
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stdout", printed)
    programs.program(PROGRAM)
    runs = json.loads(printed.getvalue())["runs"]
    assert done[:3] == ["is there"] * 3
    assert (done.count("begins"), done.count("tracks"), done.count("ends")) == (3, 6, 3)
    assert sorted(map(str, runs.values())) == [
        str({"parameter-0": f"{number}-0", "parameter-1": f"{number}-1"}) for number in range(3)
    ]
