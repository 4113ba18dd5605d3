"""A data engineer who writes to a table and reads it all the time: a program in a client pod.

Its first line of input is {"write": SQL, "read": SQL, "patience": seconds, "statements": the text of statements.py};
`{number}` in the SQL is the number of the attempt. Each attempt is a line of output when it begins, {"work": "write",
"number": 3, "at": seconds of this machine's clock}, and one when it is over, which also has "seconds", "value", "error"
and "answered". Writing and reading are processes of their own. An engineer who has no answer after the patience ends
the process, whose other sessions would wait as well, and begins anew. The program ends with its input.
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
from typing import Any

_PAUSE_S = 0.5
_output = threading.Lock()
_processes: dict[str, Any] = {}


def say(**line: Any) -> None:
    """Print one line of JSON."""
    with _output:
        print(json.dumps(line), flush=True)


def process_of(kind: str, program: str) -> Any:
    """Return the process of a kind of work, which is ready for a statement."""
    if kind not in _processes:
        _processes[kind] = subprocess.Popen(
            [sys.executable, "-uc", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        _processes[kind].stdout.readline()
    return _processes[kind]


def work(kind: str, sql: str, patience: float, program: str) -> None:
    """Make attempt after attempt."""
    number = 0
    while True:
        process = process_of(kind, program)
        number, began = number + 1, time.monotonic()
        say(work=kind, number=number, at=began)
        process.stdin.write(f"{json.dumps(sql.format(number=number))}\n".encode())
        answered = bool(select.select([process.stdout], [], [], patience)[0])
        reply = process.stdout.readline() if answered else b""
        value, error = json.loads(reply) if reply else (None, "the engineer's process ended")
        if not reply:
            _processes.pop(kind).kill()
        if not answered:
            error = f"no answer within {patience:g} s"
        seconds = time.monotonic() - began
        say(work=kind, number=number, at=began, seconds=seconds, value=value, error=error, answered=answered)
        time.sleep(_PAUSE_S)


request = json.loads(sys.stdin.readline())
for each in ("write", "read"):
    given = (each, request[each], request["patience"], request["statements"])
    threading.Thread(target=work, args=given, daemon=True).start()
sys.stdin.read()
for process in list(_processes.values()):
    process.kill()
os._exit(0)
