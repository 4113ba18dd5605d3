"""A data engineer who writes to a table and reads it all the time: a program in a client pod.

Its first line of input is {"write": SQL, "read": SQL, "patience": seconds}; `{number}` in the SQL is the number of the
attempt. Each attempt is a line of output when it begins, {"work": "write", "number": 3, "at": seconds of this machine's
clock}, and one when it is over, which also has "seconds", "value" (the last cell but one of a first row, or None),
"error" and "answered". Writing and reading are processes of their own. After an error the next attempt opens a new
session; an engineer who has no answer after the patience ends the process, whose other sessions would wait as well, and
begins anew. The program ends with its input.
"""

import json
import multiprocessing
import os
import sys
import threading
import time
from typing import Any

# A process that is begun anew has all that takes long to import, and no connection.
from pyspark.sql.connect.session import SparkSession

_PAUSE_S = 0.5
_WORDS = 2000
_output = threading.Lock()
_processes = multiprocessing.get_context("fork")


def say(**line: Any) -> None:
    """Print one line of JSON."""
    with _output:
        print(json.dumps(line, default=str), flush=True)


def execute(statements: Any) -> None:
    """Execute each statement that comes, and send back its value and its error."""
    session = None
    while True:
        sql = statements.recv()
        try:
            session = session or SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).create()
            rows = session.sql(sql).collect()
            statements.send((rows[0][-2] if rows else None, ""))
        except Exception as refused:  # the suite judges what the engineer was told
            session = None
            statements.send((None, str(refused).strip()[:_WORDS] or type(refused).__name__))


def work(kind: str, sql: str, patience: float) -> None:
    """Make attempt after attempt."""
    process: Any = None
    number = 0
    while True:
        if process is None:
            statements, theirs = _processes.Pipe()
            process = _processes.Process(target=execute, args=(theirs,), daemon=True)
            process.start()
        number, began = number + 1, time.monotonic()
        say(work=kind, number=number, at=began)
        statements.send(sql.format(number=number))
        answered = statements.poll(patience)
        try:
            value, error = statements.recv() if answered else (None, f"no answer within {patience:g} s")
        except EOFError:
            value, error = None, "the engineer's process ended"
        if not answered or not process.is_alive():
            process.kill()
            process = None
        seconds = time.monotonic() - began
        say(work=kind, number=number, at=began, seconds=seconds, value=value, error=error, answered=answered)
        time.sleep(_PAUSE_S)


request = json.loads(sys.stdin.readline())
for each in ("write", "read"):
    threading.Thread(target=work, args=(each, request[each], request["patience"]), daemon=True).start()
sys.stdin.read()
for process in multiprocessing.active_children():
    process.kill()
os._exit(0)
