"""A program in the client's pod that acts as a user of MLflow: it reads one JSON request and prints one reply.

{"op": "call", "path": PATH, "body": JSON or null, "host": NAME or ""} calls the tracking server's REST interface, by
its own name or another one: {"status", "text"}. {"op": "run", "name": NAME, "files": {NAME: TEXT}, "experiment": NAME,
"entry": NAME, "parameters": {NAME: VALUE}} runs a project from an entry point: {"exit_code", "output", "keys"}, where
`keys` are the names of variables by which the client has keys of an object store. "start" instead of "run" leaves it
running: {"process": ID}, and {"op": "kill", "process": ID} kills it with all that it started: {}. {"op": "log",
"experiment": NAME, "count": N, "parameters": M} tracks N runs at the same time, each in a thread of its own:
{"runs": {ID: {NAME: VALUE}}}.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

PATIENCE_S = 30


def call(path: str, body: Any, host: str) -> dict[str, Any]:
    """Send one request; return status and text of the answer, a refusal too, or 0 and the reason why there is none."""
    headers = {"Content-Type": "application/json", **({"Host": host} if host else {})}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["MLFLOW_TRACKING_URI"] + path, data, headers)
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE_S)
    except urllib.error.HTTPError as refused:
        answer = refused
    except OSError as silent:
        return {"status": 0, "text": str(silent)}
    return {"status": answer.status, "text": answer.read().decode(errors="replace")}


def run(name: str, **asked: Any) -> dict[str, Any]:
    """Run a project by `mlflow run`, in an experiment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = command_of(Path(folder, name), **asked)
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return {"exit_code": ended.returncode, "output": ended.stdout, "keys": keys()}


def start(name: str, **asked: Any) -> dict[str, Any]:
    """Start to run a project, in a process group of its own."""
    command = command_of(Path(tempfile.mkdtemp(), name), **asked)
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    return {"process": started.pid}


def kill(process: int) -> dict[str, Any]:
    """Kill a project that was started, with all of its processes; one that has ended is fine."""
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    return {}


def command_of(
    project: Path, files: dict[str, str], experiment: str, entry: str, parameters: dict[str, str]
) -> list[str]:
    """Write the files of a project, and return the command that runs it."""
    project.mkdir()
    for file, text in files.items():
        (project / file).write_text(text)
    how = ["--env-manager", "local", "--experiment-name", experiment, "--entry-point", entry]
    given = [word for key, value in parameters.items() for word in ("-P", f"{key}={value}")]
    return ["mlflow", "run", str(project), *how, *given]


def keys() -> list[str]:
    """Return the names of the variables by which this process has keys of an object store."""
    return sorted(name for name in os.environ if name.startswith("AWS_"))


def log(experiment: str, count: int, parameters: int) -> dict[str, Any]:
    """Track `count` runs at the same time, each with parameters of its own."""
    from mlflow import MlflowClient

    client = MlflowClient()
    place, together = client.create_experiment(experiment), threading.Barrier(count)

    def track(number: int) -> tuple[str, dict[str, str]]:
        wanted = {f"parameter-{each}": f"{number}-{each}" for each in range(parameters)}
        together.wait(PATIENCE_S)
        own = client.create_run(place).info.run_id
        for key, value in wanted.items():
            client.log_param(own, key, value)
        client.set_terminated(own)
        return own, wanted

    with ThreadPoolExecutor(count) as users:
        return {"runs": dict(users.map(track, range(count)))}


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "call": call,
    "run": run,
    "start": start,
    "kill": kill,
    "log": log,
}

asked = json.loads(sys.stdin.readline())
# MLflow prints where a run is to be seen, and only the reply may be printed.
with redirect_stdout(sys.stderr):
    reply = OPERATIONS[asked.pop("op")](**asked)
print(json.dumps(reply), flush=True)
