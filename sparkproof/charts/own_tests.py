"""The charts' own tests as programs: each is run where the answer is right, and where it is wrong.

A test's program runs on this machine, with the addresses that it asks replaced by those of servers that answer as they
are told. Commands that only images have (psql, spark-submit, pyspark) are stood in for, since not they are tried.
"""

import json
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sparkproof.charts.promises.view import Pod, View
from sparkproof.core import evidence, examples, process
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level

_STANDINS = examples.FOLDER / "standins"
# A test may wait 20 seconds for an answer.
_LIMIT_S = 60
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(?=/)")
_PLACE = re.compile(r'\("[a-z0-9.-]+", (\d+)\)')
# It signs what it asks, and reads back what it wrote: only a store can answer that.
_OF_A_REAL_STORE = "-object-store-uses"


@dataclass(frozen=True)
class Answer:
    """How a test is answered: a status and a body over HTTP, ports that are open, and words of the stand-ins."""

    status: int = 200
    body: str = ""
    opened: Sequence[int] = ()
    words: str = ""


@dataclass(frozen=True)
class OwnTest:
    """A test of a chart: its pod, the answer that is right, and answers that are wrong, each by what it stands for."""

    view: View
    pod: Pod
    right: Answer
    wrong: dict[str, Answer]

    def __str__(self) -> str:
        return f"{self.view.case.chart.name}: {self.pod.where}"

    def passes(self, answer: Answer) -> bool:
        """Run the test's program where it is answered so, and return True if it exits with 0."""
        command = [str(each) for each in [*self.pod.main.get("command", ()), *self.pod.main.get("args", ())]]
        with tempfile.TemporaryDirectory() as folder, _server(answer) as port:
            adapted = [_adapted(each, port, answer, Path(folder)) for each in command]
            python = [part for each in adapted for part in ([sys.executable, "-S"] if each == "python3" else [each])]
            env = {
                "PATH": f"{_STANDINS}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PYTHONPATH": str(_STANDINS),
                "STANDIN_WORDS": answer.words,
                "JUPYTER_TOKEN": "token",
                "AIRFLOW_PASSWORD": "password",
            }
            try:
                return bool(python) and not process.run(python, timeout_s=_LIMIT_S, check=False, env=env).exit_code
            except (process.CommandFailed, OSError):
                # There is no such program, or it does not end.
                return False


def _adapted(argument: str, port: int, answer: Answer, folder: Path) -> str:
    """Return the argument with this machine's addresses, files and ports in place of the cluster's."""
    (folder / "token").write_text("token")
    text = _ADDRESS.sub(f"http://127.0.0.1:{port}", argument)
    text = text.replace("/tmp/", f"{folder}/").replace("/var/run/secrets/kubernetes.io/serviceaccount", str(folder))
    text = text.replace('ssl.create_default_context(cafile=account / "ca.crt")', "None")
    # A port that is closed is one on which nobody listens: 1 of this machine.
    return _PLACE.sub(lambda found: f'("127.0.0.1", {port if int(found[1]) in answer.opened else 1})', text)


@contextmanager
def _server(answer: Answer) -> Iterator[int]:
    """Answer every request so; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class OwnTests:
    """The tests of several platforms, each program once."""

    tests: Sequence[OwnTest]

    @classmethod
    def of(cls, views: Sequence[View]) -> "OwnTests":
        """Find the tests whose programs can be run without images, and how each is answered.

        Raises CheckFailed for a test of which no answer is known.
        """
        found: dict[str, OwnTest] = {}
        for view in views:
            for pod in view.pods:
                program = str([pod.tests, pod.where.endswith("-uses"), pod.main.get("command"), pod.main.get("args")])
                if not pod.tests or pod.where.endswith(_OF_A_REAL_STORE):
                    continue
                if (answers := _answers(view, pod)) is None:
                    raise CheckFailed(
                        f"{pod.where} is not known, so nobody can tell its right answer from a wrong one."
                    )
                found[program] = OwnTest(view, pod, *answers)
        return cls(list(found.values()))

    def must_pass_where_right(self) -> None:
        """Check that each test passes where it is answered as by a platform that works."""
        failed = [f"{each} does not pass where all is right" for each in self.tests if not each.passes(each.right)]
        self._none(failed, f"{len(self.tests)} tests pass where they are answered rightly")

    def must_fail_where_wrong(self) -> None:
        """Check that each test fails for each answer that is wrong."""
        wrong = [(each, what, answer) for each in self.tests for what, answer in each.wrong.items()]
        passed = [f"{each} passes though {what}" for each, what, answer in wrong if each.passes(answer)]
        self._none(passed, f"{len(wrong)} wrong answers make {len(self.tests)} tests fail")

    def _none(self, faults: Sequence[str], seen: str) -> None:
        if faults or not self.tests:
            raise CheckFailed("\n".join(faults) or "The charts have no tests of their own.")
        evidence.prove(Level.RENDERED, seen)


def _answers(view: View, pod: Pod) -> tuple[Answer, dict[str, Answer]] | None:
    name, uses = pod.main.get("name"), pod.where.endswith("-uses")
    broken = Answer(500, "broken")
    if name == "account":
        account = f"{view.case.namespace}:{pod.spec.get('serviceAccountName')}"
        refused = f'"User \\"system:serviceaccount:{account}\\" cannot list resource secrets"'
        stranger = '"User \\"system:anonymous\\" cannot list resource secrets"'
        return Answer(403, refused), {
            "it may read Secrets": Answer(200, "[]"),
            "it is not known": Answer(401, refused),
            "somebody else is refused": Answer(403, stranger),
        }
    over_http = {
        "history-server": (Answer(200, "[]"), {"it is broken": broken, "it is another": Answer(200, "hello")}),
        "rest-catalog": (
            Answer(200, '{"endpoints": []}'),
            {"it is broken": broken, "it is another": Answer(200, "hello")},
        ),
    }
    if pod.tests == "mlflow":
        experiments, refusal = '{"experiments": [{"experiment_id": "0"}]}', "Invalid Host header"
        if uses:
            return Answer(200, experiments), {
                "it knows no experiments": Answer(200, "{}"),
                "its own name is refused": Answer(403, refusal),
            }
        return Answer(403, refusal), {
            "any name is answered": Answer(200, experiments),
            "another refuses": Answer(403, "Forbidden"),
        }
    if pod.tests in over_http:
        return over_http[pod.tests]
    if pod.tests == "jupyter":
        if uses:
            return Answer(200, '{"type": "directory"}'), {
                "it lets nobody in": Answer(403, "{}"),
                "it has no notebooks": Answer(200, '{"type": "file"}'),
            }
        return Answer(403), {"it lets everybody in": Answer(200, "{}"), "it is broken": broken}
    if pod.tests == "airflow":
        return _of_airflow(uses)
    if pod.tests == "object-store" and not uses:
        return Answer(403, "<Code>AccessDenied</Code>"), {
            "it lets everybody in": Answer(200),
            "it has no bucket": Answer(404, "NoSuchBucket"),
            "another refuses": Answer(403, "Forbidden"),
        }
    if pod.tests == "master":
        return _of_master(uses)
    return _of_standins(pod, uses)


def _of_airflow(uses: bool) -> tuple[Answer, dict[str, Answer]]:
    if not uses:
        return Answer(401), {"it tells everybody": Answer(200, "{}"), "it is broken": Answer(500)}
    programs = ("metadatabase", "scheduler", "dag_processor")

    def answer(ill: str = "") -> Answer:
        health = {each: {"status": "unhealthy" if each == ill else "healthy"} for each in programs}
        return Answer(200, json.dumps({"access_token": "proof", "dags": [], **health}))

    return answer(), {
        "it gives no token": Answer(200, json.dumps({"dags": []})),
        "it is broken": Answer(500),
        **{f"its {each} is ill": answer(each) for each in programs},
    }


def _of_master(uses: bool) -> tuple[Answer, dict[str, Answer]]:
    if uses:
        state = '{"status": "%s", "aliveworkers": %s}'
        return Answer(200, state % ("ALIVE", 2)), {
            "it does not lead": Answer(200, state % ("STANDBY", 2)),
            "it has no workers": Answer(200, state % ("ALIVE", 0)),
            "it is broken": Answer(500),
        }
    return Answer(opened=(7077,)), {
        "whoever reaches it may submit": Answer(opened=(7077, 6066)),
        "nobody is there": Answer(opened=()),
    }


def _of_standins(pod: Pod, uses: bool) -> tuple[Answer, dict[str, Answer]] | None:
    """The answers to tests that speak by way of pyspark, psql or spark-submit."""
    if pod.tests == "postgres":
        right, wrong = ("accepted", "refused") if uses else ("refused", "accepted")
        return Answer(words=right), {
            f"the password is {wrong}": Answer(words=wrong),
            "it is down": Answer(words="down"),
        }
    if pod.tests == "submit" and uses:
        return Answer(words="right"), {"it counts wrongly": Answer(words="wrong"), "it fails": Answer(words="failed")}
    if pod.main.get("name") == "stranger":
        return Answer(words="no-token"), {
            "whoever comes is let in": Answer(words="right"),
            "it is down": Answer(words="failed"),
        }
    if pod.tests in ("client", "connect", "executor", "worker", "warehouse", "hive-metastore"):
        return Answer(words="right"), {
            "it answers wrongly": Answer(words="wrong"),
            "it refuses": Answer(words="failed"),
        }
    return None
