"""A task that submits an application ends as that does, and takes it along when it is asked to end."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sparkproof.core.wait import eventually
from tests.support import programs


@pytest.fixture
def asked() -> list[tuple[str, str]]:
    """What was asked of the API server: verb and path."""
    return []


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, str]], tmp_path: Path) -> Any:
    """The image's module, in a task of the id "t-1", with a program of the test in place of the submission."""
    context = {"ti": SimpleNamespace(id="t-1"), "run_id": "manual__2026-01-01"}
    modules: dict[str, dict[str, Any]] = {
        "airflow": {}, "airflow.sdk": {"get_current_context": lambda: context},
        "pyspark": {}, "pyspark.sql": {"SparkSession": None},
    }  # fmt: skip
    for name, given in modules.items():
        module = ModuleType(name)
        module.__dict__.update(given)
        monkeypatch.setitem(sys.modules, name, module)
    found = programs.program("airflow/spark_tasks.py")

    def ask(verb: str, path: str) -> str:
        asked.append((verb, path))
        return (
            "java.lang.IllegalStateException: it broke\n"
            if "/log?" in path
            else '{"items": [{"metadata": {"name": "d"}}]}'
        )

    monkeypatch.setattr(found, "_api", ask)
    monkeypatch.setattr(found, "_SUBMIT", str(tmp_path / "submit"))
    return found


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[str], None]:
    """Write what the submission does, as a shell's lines."""

    def write(lines: str) -> None:
        (tmp_path / "submit").write_text(f'#!/bin/bash\necho "$@" > {tmp_path}/arguments\n{lines}\n')
        (tmp_path / "submit").chmod(0o755)

    return write


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_an_application_that_fails_fails_its_task(tasks: Any, submission: Any, mode: str) -> None:
    submission("echo 'java.lang.Error: no room'; exit 3")
    with pytest.raises(tasks.ApplicationFailed, match=r"sums.py ended with exit code 3: .*Error: no room"):
        tasks.submit_application("sums.py", mode=mode)


def test_the_driver_of_a_task_is_known_by_the_task(tasks: Any, submission: Any, asked: Any, tmp_path: Path) -> None:
    submission("")
    tasks.submit_application("sums.py", "a", mode="cluster", settings={"spark.x": "1"})
    said = (tmp_path / "arguments").read_text()
    assert "--deploy-mode cluster --name sums-manual-2026-01-01 --conf spark.x=1 " in said
    assert "--conf spark.kubernetes.driver.label.airflow-task=t-1 local:///opt/spark/applications/sums.py a\n" in said
    assert asked[0] == ("GET", "pods?labelSelector=airflow-task=t-1")


@pytest.mark.parametrize(
    ("mode", "removed"), [("client", []), ("cluster", [("DELETE", "pods?labelSelector=airflow-task=t-1")])]
)
def test_a_task_that_is_asked_to_end_takes_its_application_along(
    tasks: Any, submission: Any, asked: Any, tmp_path: Path, mode: str, removed: Any
) -> None:
    submission(f"sleep 60 & echo $! > {tmp_path}/driver; trap '' TERM; wait; sleep 60")
    tasks._PATIENCE_S = min(tasks._PATIENCE_S, 0.5)
    driver = tmp_path / "driver"

    def ask_to_end() -> None:
        eventually("the driver", lambda: driver.exists() and driver.read_text(), bool, within_s=20)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask_to_end).start()
    began = time.monotonic()
    with pytest.raises(tasks.TaskStopped):
        tasks.submit_application("sums.py", mode=mode)
    assert time.monotonic() - began < 20
    eventually("its end", lambda: _lives(int(driver.read_text())), lambda lives: not lives, within_s=5)
    assert asked == removed


def test_a_task_that_is_asked_to_end_ends_as_by_an_error_that_no_task_catches(tasks: Any) -> None:
    before, reached = signal.getsignal(signal.SIGTERM), []
    with pytest.raises(tasks.TaskStopped, match="asked to end"), tasks._ended_as_by_an_error():
        try:
            signal.raise_signal(signal.SIGTERM)
        except Exception:
            reached.append("caught")
        reached.append("went on")
    assert not reached
    assert signal.getsignal(signal.SIGTERM) is before


def test_airflow_does_not_lose_its_patience_before(tasks: Any) -> None:
    assert tasks._PATIENCE_S <= 3


def _lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
