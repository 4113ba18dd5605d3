"""What tests of checks start from: a record of evidence each, and waits that end after one look."""

import pytest

from sparkproof.core import evidence, timeouts


@pytest.fixture(autouse=True)
def record() -> evidence.Record:
    """Return a scenario's record of its own."""
    return evidence.begin()


@pytest.fixture
def one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every wait give up after its first look, but the one for a program of the test's own."""
    for name in vars(timeouts):
        if name.isupper():
            monkeypatch.setattr(timeouts, name, 0.0)
