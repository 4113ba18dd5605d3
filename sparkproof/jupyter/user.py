"""A program in Jupyter's pod that acts as a notebook user's browser: it reads one JSON request and prints one reply.

For {"url", "token", "cell"} it starts a kernel over Jupyter's REST interface and runs the cell over the kernel's
WebSocket. It replies {"printed", "error"} or, when Jupyter refuses, {"refused": the HTTP status}.
"""

import json
import sys
import uuid
from typing import Any

import requests
import websocket

PATIENCE_S = 230


def run(url: str, token: str, cell: str) -> dict[str, Any]:
    """Run the cell in a kernel of its own; return its printed text and its error, or the status of a refusal."""
    identity = {"Authorization": f"token {token}"} if token else {}
    kernels = f"{url}/api/kernels"
    started = requests.post(kernels, json={}, headers=identity, timeout=PATIENCE_S)
    if not started.ok:
        return {"refused": started.status_code}
    kernel = f"{kernels}/{started.json()['id']}"
    try:
        channels = f"{kernel}/channels".replace("http", "ws", 1)
        socket = websocket.create_connection(channels, timeout=PATIENCE_S, header=identity)
        socket.send(json.dumps(request := asking(cell)))
        return outcome(socket, request["header"]["msg_id"])
    finally:
        requests.delete(kernel, headers=identity, timeout=PATIENCE_S)


def asking(cell: str) -> dict[str, Any]:
    """Return the message that asks a kernel to run a cell (Jupyter's messaging protocol, version 5.3)."""
    name = uuid.uuid4().hex
    header = {"msg_id": name, "msg_type": "execute_request", "username": "user", "session": name, "version": "5.3"}
    content = {"code": cell, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}


def outcome(socket: Any, message: str) -> dict[str, Any]:
    """Return the text and the error that the kernel reports for this message, until it is idle again."""
    printed, error = "", None
    while True:
        reply = json.loads(socket.recv())
        kind, content = reply["msg_type"], reply["content"]
        if reply["parent_header"].get("msg_id") != message:
            continue
        if kind == "stream" and content["name"] == "stdout":
            printed += content["text"]
        elif kind == "error":
            error = f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] == "idle":
            return {"printed": printed, "error": error}


print(json.dumps(run(**json.loads(sys.stdin.readline()))), flush=True)
