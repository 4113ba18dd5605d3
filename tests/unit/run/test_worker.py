"""A worker answers each order of its parent, also where it runs nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.run.now import Halt, Now
from sparkproof.run.worker import Worker


@pytest.mark.parametrize(("halted", "aborted"), [(True, False), (False, True)])
def test_a_worker_begins_nothing_more_when_the_run_is_stopped(halted: bool, aborted: bool) -> None:
    sent: list[Any] = []
    halt = Halt()
    if halted:
        halt.set()
    runner, attempts, parent = SimpleNamespace(aborted=aborted, context=None), None, SimpleNamespace(send=sent.append)
    model: Any = SimpleNamespace(scenarios=[], looks=[], entities=[])
    worker = Worker(runner, attempts, 1, parent, Now(), halt, model)  # type: ignore[arg-type]
    worker._run(3, 1, None)
    assert sent == [("unrun", 3)]
