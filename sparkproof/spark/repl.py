"""A program in a pod of the platform: it answers JSON requests on standard input, one a line, with Spark sessions.

The whole file is sent as the program text, so it imports nothing of Sparkproof. Requests: {"op": "open"}, at "url" or
where the pod's environment says, {"op": "sql", "session": ID, "sql": TEXT, "tag": TAG}, {"op": "explain",
"session": ID, "sql": TEXT}, {"op": "settings", "session": ID}, {"op": "close", "session": ID}. For a statement that
runs while its user goes on: {"op": "start"} like "sql", {"op": "poll", "tag": TAG}, {"op": "cancel", "session": ID,
"tag": TAG}. A reply is one line of JSON.
"""

import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pyspark
from pyspark.sql import SparkSession

sessions: dict[str, Any] = {}
answers: dict[str, dict[str, Any]] = {}


def connect(url: str = "") -> dict[str, Any]:
    """Open a new session on the server at `url`, or on the platform's; return its name and both sides' versions.

    A `url` that names no Connect server is the master of a driver in this process, which its sessions share.
    """
    name, url = uuid.uuid4().hex[:8], url or os.environ["SPARK_REMOTE"]
    builder = SparkSession.builder
    session = (
        builder.remote(url).create() if url.startswith("sc://") else builder.master(url).getOrCreate().newSession()
    )
    sessions[name] = session
    return {"session": name, "client": pyspark.__version__, "server": session.version}


def sql(session: str, sql: str, tag: str) -> dict[str, Any]:
    """Execute one statement under a job tag; return its columns and rows, with values as in JSON or as text."""
    spark = sessions[session]
    spark.addTag(tag)
    try:
        answer = spark.sql(sql)
        rows = answer.collect()
    finally:
        spark.clearTags()
    # Rows know their columns; a request for them would make the server analyze the statement once more.
    columns = rows[0].__fields__ if rows else answer.columns
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


def start(session: str, sql: str, tag: str) -> dict[str, Any]:
    """Execute one statement in a thread of its own; its answer is kept until `poll` asks for it."""

    def execute() -> None:
        answers[tag] = answer({"op": "sql", "session": session, "sql": sql, "tag": tag})

    threading.Thread(target=execute, daemon=True).start()
    return {}


def poll(tag: str) -> dict[str, Any]:
    """Return the answer to a statement that was started, or None while there is none."""
    return {"answer": answers.get(tag)}


def cancel(session: str, tag: str) -> dict[str, Any]:
    """Ask the server to stop a statement that was started."""
    sessions[session].interruptTag(tag)
    return {}


def explain(session: str, sql: str) -> dict[str, Any]:
    """Return RAPIDS' explanation of what it would do with each part of a statement's plan; nothing is executed.

    RAPIDS explains plans wherever its jar is, so the names of the session's rules show if RAPIDS really plans here.
    """
    spark = sessions[session]
    jvm, state = spark._jvm, spark._jsparkSession.sessionState()
    # Spark executes a statement that writes as soon as it makes a DataFrame of it, unless commands are skipped.
    skip = getattr(jvm, "org.apache.spark.sql.execution.CommandExecutionMode").SKIP()
    planned = state.executePlan(state.sqlParser().parsePlan(sql), skip)
    dataset = getattr(jvm, spark.range(0)._jdf.getClass().getName())
    frame = dataset(planned, jvm.org.apache.spark.sql.Encoders.row(planned.analyzed().schema()))
    rules = [state.columnarRules().apply(index).getClass().getName() for index in range(state.columnarRules().size())]
    explanation = jvm.com.nvidia.spark.rapids.ExplainPlan.explainPotentialGpuPlan(frame, "ALL")
    return {"explanation": explanation, "rules": rules}


def settings(session: str) -> dict[str, Any]:
    """Return the names of all settings that RAPIDS has."""
    rapids = sessions[session]._jvm.com.nvidia.spark.rapids.ShimReflectionUtils.loadClass(
        "com.nvidia.spark.rapids.RapidsConf$"
    )
    # No public call gives them; RAPIDS prints its documentation from this list.
    registered = next(field for field in rapids.getDeclaredFields() if field.getName() == "registeredConfs")
    registered.setAccessible(True)
    entries = registered.get(rapids.getField("MODULE$").get(None))
    return {"names": [entries.apply(index).key() for index in range(entries.size())]}


def close(session: str) -> dict[str, Any]:
    """End a session; one that ended with an earlier process is fine."""
    ended = sessions.pop(session, None)
    # A session of a driver in this process is not stopped, since that would stop the driver.
    if ended is not None and not hasattr(ended, "_jsparkSession"):
        ended.stop()
    return {}


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "open": connect,
    "sql": sql,
    "start": start,
    "poll": poll,
    "cancel": cancel,
    "explain": explain,
    "settings": settings,
    "close": close,
}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the reply of the requested operation, or its error, with the seconds that it took."""
    operation = OPERATIONS[request.pop("op")]
    started = time.monotonic()
    try:
        reply = operation(**request)
    except Exception as refused:  # the caller decides what an error means
        reply = {"error": {"type": type(refused).__name__, "message": str(refused)}}
    return {**reply, "seconds": time.monotonic() - started}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), default=str), flush=True)
