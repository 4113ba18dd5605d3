"""Tests on the embedded cluster, which is started when it is not up: `make live`, not part of `make test`."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkproof import settings
from sparkproof.kube import Kube
from sparkproof.target import reach

ROOT = Path(__file__).resolve().parents[2]
Behave = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def kube() -> Kube:
    return reach(settings.read({})).kube


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
