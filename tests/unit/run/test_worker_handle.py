"""A worker is killed with the programs that it has started, and one that has ended says how."""

import os
import signal
from typing import Any

import pytest

from sparkproof.run.now import Now
from sparkproof.run.worker_handle import WorkerHandle


@pytest.mark.parametrize("gone", [ProcessLookupError, PermissionError])
def test_a_worker_is_killed_by_itself_after_its_group(gone: type[OSError], monkeypatch: pytest.MonkeyPatch) -> None:
    """Others say the same to both."""
    killed: list[tuple[str, int, int]] = []

    def kills(what: str) -> Any:
        def kill(pid: int, by: int) -> None:
            killed.append((what, pid, by))
            raise gone

        return kill

    channel: Any = None
    for what in ("killpg", "kill"):
        monkeypatch.setattr(os, what, kills(what))
    WorkerHandle(1, 42, channel, Now()).kill()
    assert killed == [("killpg", 42, signal.SIGKILL), ("kill", 42, signal.SIGKILL)]


@pytest.mark.parametrize(
    ("code", "said_end", "how"),
    [
        (0, True, ""),
        (0, False, "it ended with exit code 0"),
        (7, True, "it ended with exit code 7"),
        (74, False, "a step closed the runner's files"),
        (-signal.SIGKILL, False, "it was killed by SIGKILL (out of memory?)"),
        (-signal.SIGSEGV, True, "it was killed by SIGSEGV"),
    ],
)
def test_only_a_worker_that_has_cleaned_up_has_ended_as_it_should(code: int, said_end: bool, how: str) -> None:
    channel: Any = None
    worker = WorkerHandle(1, 42, channel, Now())
    worker.exit_code, worker.said_end = code, said_end
    assert worker.death == how
