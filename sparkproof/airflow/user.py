"""A program in the client's pod that acts as a user of Airflow: it reads one JSON request and prints one reply.

{"op": "call", "url", "name", "password", "token", "method", "path", "body"} calls Airflow's REST interface:
{"status", "text"}. It brings `token`, or one that it asks for with the user's name and password; without any of them
it brings nothing. {"op": "end", ..., "dag", "run", "patience_s"} waits until the run has ended: {"run", "tasks"}, where
each task has "id", "state", "tries", "value" (its XCom, or null), "errors" (the exceptions in its log) and "said" (the
last lines of its log).
"""

import json
import sys
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

PATIENCE_S = 30
POLL_S = 0.5
MOMENT_S = 10
LINES = 500
ENDED = ("success", "failed")


def ask(url: str, method: str, path: str, body: Any, token: str) -> dict[str, Any]:
    """Send one request; return the status and the text of the answer, a refusal too."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        answer = opened(request)
    except urllib.error.HTTPError as refused:
        answer = refused
    return {"status": answer.status, "text": answer.read().decode(errors="replace")}


def opened(request: urllib.request.Request) -> Any:
    """Return the answer; a Service leads to a pod that is ready a moment later, and refuses connections until then."""
    latest = time.monotonic() + MOMENT_S
    while True:
        try:
            return urllib.request.urlopen(request, timeout=PATIENCE_S)
        except urllib.error.URLError as silent:
            if not isinstance(silent.reason, ConnectionRefusedError) or time.monotonic() > latest:
                raise
        time.sleep(POLL_S)


class User:
    """A user with a token of one's own, or one that was given."""

    def __init__(self, url: str, name: str, password: str, token: str) -> None:
        self.url, self.token = url, token
        if name:
            proof = {"username": name, "password": password}
            answer = ask(url, "POST", "/auth/token", proof, "")
            if answer["status"] != 201:
                sys.exit(f"Airflow gave {name} no token: {answer}")
            self.token = json.loads(answer["text"])["access_token"]

    def get(self, path: str, missing: Any = None) -> Any:
        """Return what Airflow has at this path; `missing` where it has nothing."""
        answer = ask(self.url, "GET", path, None, self.token)
        if answer["status"] == 404 and missing is not None:
            return missing
        if answer["status"] != 200:
            sys.exit(f"Airflow did not answer {path}: {answer}")
        return json.loads(answer["text"])

    def end(self, dag: str, run: str, patience_s: float) -> dict[str, Any]:
        """Wait until a run has ended, or has not in `patience_s` seconds, and return what became of its tasks."""
        place, latest = f"/api/v2/dags/{dag}/dagRuns/{quote(run, safe='')}", time.monotonic() + patience_s
        while (found := self.get(place))["state"] not in ENDED and time.monotonic() < latest:
            time.sleep(POLL_S)
        tasks = self.get(f"{place}/taskInstances")["task_instances"]
        return {"run": found, "tasks": [self.task(f"{place}/taskInstances/{each['task_id']}", each) for each in tasks]}

    def task(self, place: str, found: dict[str, Any]) -> dict[str, Any]:
        """Return what became of a task: how often it was tried, what it handed on, and its errors."""
        tries = found["try_number"]
        logs = [self.get(f"{place}/logs/{each + 1}", {"content": []})["content"] for each in range(tries)]
        value = self.get(f"{place}/xcomEntries/return_value", {"value": None})["value"]
        return {
            "id": found["task_id"],
            "state": found["state"],
            "tries": tries,
            "value": value,
            "errors": [line for log in logs for event in log for line in errors(event)],
            "said": [str(event["event"]).rstrip() for log in logs for event in log if isinstance(event, dict)][-LINES:],
        }


def errors(event: Any) -> list[str]:
    """Return what an event of a task's log says of errors: types and messages of exceptions."""
    details = event.get("error_detail") or [] if isinstance(event, dict) else []
    return [f"{each['exc_type']}: {each['exc_value']}" for each in details]


asked = json.loads(sys.stdin.readline())
user = User(*(asked.pop(each) for each in ("url", "name", "password", "token")))
if asked.pop("op") == "end":
    print(json.dumps(user.end(**asked)), flush=True)
else:
    print(json.dumps(ask(user.url, token=user.token, **asked)), flush=True)
