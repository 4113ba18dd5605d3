"""Whoever waits for work beside his own hears Ctrl-C at once, and nothing of that work keeps a process alive."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sparkproof.core.aside import aside, together

ROOT = Path(__file__).resolve().parents[3]


def test_a_result_or_an_error_comes_to_who_asks_for_it() -> None:
    assert aside(sum, [1, 2]).result(5) == 3
    with pytest.raises(ZeroDivisionError):
        aside(divmod, 1, 0).result(5)


def test_calls_are_made_together_and_answers_keep_their_order() -> None:
    meeting = threading.Barrier(3, timeout=5)

    def call(number: int) -> int:
        meeting.wait()
        return number * 2

    assert together(call, range(6), at_once=3) == [0, 2, 4, 6, 8, 10]
    with pytest.raises(ZeroDivisionError):
        together(lambda number: 1 // number, [1, 0], at_once=2)


@pytest.mark.parametrize("waiting", ["aside(time.sleep, 60).result()", "together(time.sleep, [0.5] * 200, at_once=2)"])
def test_ctrl_c_is_heard_at_once(waiting: str) -> None:
    program = (
        "import time\nfrom sparkproof.core.aside import aside, together\n"
        f"print('ready', flush=True)\ntry:\n    {waiting}\nexcept KeyboardInterrupt:\n    print('heard', flush=True)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout
    assert run.stdout.readline() == "ready\n"
    time.sleep(0.5)
    began = time.monotonic()
    os.kill(run.pid, signal.SIGINT)
    assert run.communicate(timeout=30)[0] == "heard\n"
    assert time.monotonic() - began < 10


def test_no_module_has_a_pool_of_its_own() -> None:
    """The block of a pool is left only when all of its work is done; a program in a pod ends with its stream."""
    users = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "sparkproof").rglob("*.py")
        if "ThreadPoolExecutor" in path.read_text()
    }
    assert users == {"sparkproof/core/aside.py", "sparkproof/mlflow/user.py"}
