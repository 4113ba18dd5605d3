"""What tests of checks start from: a record of evidence each, and waits that end after one look."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkproof.build import official
from sparkproof.core import evidence, patience, timeouts


@pytest.fixture(autouse=True)
def record() -> evidence.Record:
    """Return a scenario's record of its own."""
    return evidence.begin()


@pytest.fixture(autouse=True)
def kept(record: evidence.Record) -> Iterator[None]:
    """Let no check keep nothing for the report under a name that promises something."""
    yield
    assert [each.name for each in record.items if each.content in (b"null", b"None")] == []


@pytest.fixture(autouse=True)
def usual_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits last as long as they say, whatever else goes on on this machine."""
    monkeypatch.setattr(patience, "_PROC", Path("/nonexistent"))


@pytest.fixture(autouse=True)
def usual_kubernetes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Kubernetes built, as on a machine without the setting."""
    monkeypatch.delenv(official.SETTING, raising=False)


@pytest.fixture
def one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every wait give up after its first look, but the one for a program of the test's own."""
    for name in vars(timeouts):
        if name.isupper():
            monkeypatch.setattr(timeouts, name, 0.0)
