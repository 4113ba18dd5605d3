"""The node's long-running programs, in a process of their own, since process 1 reaps whatever ends."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, subprocess, sys
from pathlib import Path
from types import SimpleNamespace
from sparkproof.embedded.daemons import Daemons

daemons = Daemons(SimpleNamespace(logs=Path(sys.argv[1])))
daemons.start("brief", ["echo", "begun"])
os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
subprocess.run(["true"])
daemons.tend(until_one_ends=True)
os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
"""


def test_a_program_that_ended_is_started_again_whatever_else_was_started_in_between(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "brief ended with 0; starting it again" in done.stdout
    assert (tmp_path / "brief.log").read_text() == "begun\nbegun\n"
