"""Data engineers at work, each in a session of their own: a program in a client pod, with one JSON request and reply.

{"at_once": [{"team", "sql"}], "seconds"} lets all of them ask again and again for so long; the reply's "answers" are
[team, second at which it was asked, seconds that it took, the value or None, the error or ""].
{"one_by_one": number, "sql", "close"} opens so many sessions, one after another, and closes each of them or none.
"""

import json
import os
import sys
import threading
import time
from typing import Any

from pyspark.sql import SparkSession

# A program is for the limited load of a test, whatever it is asked for.
AT_ONCE, SECONDS, ONE_BY_ONE = 32, 120, 20_000
_WORDS = 300


def open_session(user: str = "") -> Any:
    """Open a session on the platform's server as this user."""
    url = os.environ["SPARK_REMOTE"]
    named = f"{url}{';' if '/;' in url else '/;'}user_id={user}" if user else url
    return SparkSession.builder.remote(named).create()


def ask(session: Any, sql: str) -> tuple[Any, str]:
    """Return the value that the query gives, and ""; or None and the error."""
    try:
        return session.sql(sql).first()[0], ""
    except Exception as refused:  # the caller counts them
        return None, str(refused).strip()[:_WORDS] or type(refused).__name__


def at_once(users: list[dict[str, str]], seconds: float) -> list[Any]:
    """Let all of these users ask at the same time until the time is over; who has asked then gets an answer still."""
    answers: list[Any] = []
    ready = threading.Barrier(len(users))
    started = 0.0

    def work(team: str, sql: str) -> None:
        nonlocal started
        session = open_session(team)
        # The first answer brings executors and takes longer.
        ask(session, "SELECT sum(id) FROM range(0, 2, 1, 2)")
        if ready.wait() == 0:
            started = time.monotonic()
        ready.wait()
        while (asked := time.monotonic()) < started + seconds:
            value, error = ask(session, sql)
            answers.append([team, asked - started, time.monotonic() - asked, value, error])
            if error:
                break
        session.stop()

    threads = [threading.Thread(target=work, args=(user["team"], user["sql"]), daemon=True) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def one_by_one(number: int, sql: str, close: bool) -> int:
    """Open sessions one after another, ask once in each, and close it or leave it open; return how many were right."""
    right = 0
    for _ in range(number):
        session = open_session()
        right += not ask(session, sql)[1]
        if close:
            session.stop()
    return right


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked, within the limits."""
    if "at_once" in request:
        users = request["at_once"][:AT_ONCE]
        return {"answers": at_once(users, min(request["seconds"], SECONDS))}
    return {"right": one_by_one(min(request["one_by_one"], ONE_BY_ONE), request["sql"], request["close"])}


print(json.dumps(main(json.loads(sys.stdin.readline())), default=str), flush=True)
# Sessions that are left open are not to be closed by the end of the interpreter.
os._exit(0)
