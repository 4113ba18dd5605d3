"""The node's long-running programs, in a process of their own, since process 1 reaps whatever ends."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import subprocess, sys, time
from pathlib import Path
from types import SimpleNamespace
from sparkproof.cluster.node import Daemons

log = Path(sys.argv[1]) / "brief.log"
daemons = Daemons(SimpleNamespace(logs=log.parent))
daemons.start("brief", ["sh", "-c", "echo begun"])
for begun in (1, 2):
    while log.read_text().count("begun") < begun:
        time.sleep(0.01)
    time.sleep(0.1)
    subprocess.run(["true"])
    if begun == 1:
        daemons.tend(until_one_ends=True)
"""


def test_a_program_that_ended_is_started_again_whatever_else_was_started_in_between(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "brief ended with 0; starting it again" in done.stdout
