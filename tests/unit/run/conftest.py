"""What tests of the runner start from."""

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture
def heard_as_usual() -> Iterator[None]:
    """Have the programs that a test starts hear SIGHUP, also where these tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
