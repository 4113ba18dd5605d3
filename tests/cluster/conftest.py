"""Runs of behave that tests start, and the clusters of the tests of trouble, with state folders of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkproof.embedded import layout, lifecycle
from sparkproof.embedded.layout import Layout
from tests.support.live import ROOT, Behave
from tests.support.nodes import must_be_gone


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """A state folder that keeps its images from test to test, and no cluster before and after."""
    state = layout.DEFAULT_STATE.with_name("sparkproof-trouble")
    monkeypatch.setenv("SPARKPROOF_STATE", str(state))
    lifecycle.down()
    yield Layout(state)
    lifecycle.down()
    must_be_gone(Layout(state))


@pytest.fixture
def behave(tmp_path: Path) -> Iterator[Behave]:
    """Starts behave with these arguments and the test's own reports folder; ends what a test left running."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "behave", "--format=plain", "-D", f"reports={tmp_path}/reports", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
