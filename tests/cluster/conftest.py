"""The embedded clusters of the tests of trouble: each has a state folder of its own, beside the usual one."""

from collections.abc import Iterator

import pytest

from sparkproof.embedded import layout, lifecycle
from sparkproof.embedded.layout import Layout
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
