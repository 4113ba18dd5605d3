"""What tasks need of Spark: a session on the platform's Connect server, or an application that they submit.

Both end with the task, however that ends. Airflow itself asks a task that is cancelled to end and then kills it, and
the work would go on without it: here the request ends the task as an error would, so that the work ends first.
"""

import json
import os
import re
import signal
import ssl
import subprocess
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from airflow.sdk import get_current_context
from pyspark.sql import SparkSession

# The variable that holds the server's address: SPARK_REMOTE would make spark-submit refuse to work.
_URL = "SPARK_CONNECT_URL"
_SUBMIT = "/opt/sparkproof/k8s_submit.py"
_PROGRAMS = "/opt/spark/applications"
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# The label by which the driver's pod of a task is found.
_TASK = "airflow-task"
_LAST_LINES = 500
# A line that names an error, as Python and Java print it above and below long traces.
_ERROR = re.compile(r"(Caused by: )?[\w.$]*(Error|Exception)\b")
# Airflow kills a task some seconds after it asked it to end; a JVM that was asked to end goes on doing so by itself.
_PATIENCE_S = 3


class ApplicationFailed(Exception):
    """An application that ended with another exit code than 0; the message has the errors that its driver named."""


class TaskStopped(BaseException):
    """Airflow, or the node of its worker, asked the task to end; code that catches errors does not catch this.

    Airflow's own exception of the kind, AirflowTaskTerminated, would take from the task the tries that it still has.
    """


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """Open a session whose jobs carry the run's id as a tag; it and its work end with the `with`."""
    with _ended_as_by_an_error():
        spark = SparkSession.builder.remote(os.environ[_URL]).create()
        # A tag has no commas.
        spark.addTag(re.sub(r"[^\w.:+-]", "-", get_current_context()["run_id"]))
        try:
            yield spark
        finally:
            spark.interruptAll()
            spark.stop()


def submit_application(
    program: str, *arguments: str, mode: str = "client", settings: Mapping[str, str] | None = None
) -> None:
    """Submit a program of the platform's applications with Spark's `settings`, and wait for its end.

    Its name is that of the program and of the run. In client mode its driver runs beside the task, in cluster mode in a
    pod of its own. What the driver prints is in the task's log. Raises ApplicationFailed.
    """
    context, cluster = get_current_context(), mode == "cluster"
    task = str(context["ti"].id)
    name = f"{Path(program).stem}-{re.sub(r'[^a-z0-9]+', '-', context['run_id'].lower()).strip('-')}"
    own = {**(settings or {}), **({f"spark.kubernetes.driver.label.{_TASK}": task} if cluster else {})}
    conf = [word for setting in own.items() for word in ("--conf", "=".join(setting))]
    command = [_SUBMIT, "--deploy-mode", mode, "--name", name, *conf, f"local://{_PROGRAMS}/{program}", *arguments]
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with _ended_as_by_an_error():
        submission = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        try:
            for line in submission.stdout or ():
                print(line, end="", flush=True)
                last.append(line)
            code = submission.wait()
        except BaseException:
            _end(submission)
            if cluster:
                _api("DELETE", f"pods?labelSelector={_TASK}={task}")
            raise
        if cluster:
            last.extend(_said_by_driver(task))
    if code:
        errors = list(dict.fromkeys(line for line in last if _ERROR.match(line))) or list(last)
        raise ApplicationFailed(f"{program} ended with exit code {code}: {''.join(errors[-10:])}")


@contextmanager
def _ended_as_by_an_error() -> Iterator[None]:
    """Have Airflow's request to end raise an exception in the task."""

    def terminate(_signum: int, _frame: FrameType | None) -> None:
        raise TaskStopped("The task was asked to end.")

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(submission: "subprocess.Popen[str]") -> None:
    """Ask a submission to end with all that it started; its driver takes its executors along."""
    os.killpg(submission.pid, signal.SIGTERM)
    try:
        submission.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        print("The submission takes its time to end.", flush=True)


def _said_by_driver(task: str) -> Iterator[str]:
    """Print the last lines of the log of a task's driver, and yield them."""
    for pod in json.loads(_api("GET", f"pods?labelSelector={_TASK}={task}"))["items"]:
        for line in _api("GET", f"pods/{pod['metadata']['name']}/log?tailLines={_LAST_LINES}").splitlines(
            keepends=True
        ):
            print(line, end="", flush=True)
            yield line


def _api(method: str, path: str) -> str:
    """Ask the API server, about objects of the pod's namespace, as the pod's account."""
    url = f"https://kubernetes.default.svc/api/v1/namespaces/{(_ACCOUNT / 'namespace').read_text()}/{path}"
    headers: dict[str, Any] = {"Authorization": f"Bearer {(_ACCOUNT / 'token').read_text()}"}
    trust = ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt"))
    asked = urllib.request.Request(url, headers=headers, method=method)
    with urllib.request.urlopen(asked, context=trust, timeout=20) as answer:
        return str(answer.read().decode(errors="replace"))
