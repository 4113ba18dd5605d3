"""A worker is killed with the programs that it has started, also when some of them are gone."""

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
