"""The programs that act as users of Jupyter: a cell in a kernel of its own, and a whole notebook by papermill."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sparkproof.jupyter import whole

CELL, NOTEBOOK = (Path(whole.__file__).with_name(name) for name in ("user.py", "whole_user.py"))
# Stand in for requests and websocket: what is asked is noted, and a kernel's replies are those that are given.
REQUESTS = """
import json, os
from types import SimpleNamespace
def note(verb, url, headers):
    print(verb, url, headers.get("Authorization", "nobody"), sep="|", file=open(os.environ["NOTES"], "a"))
def post(url, json, headers, timeout):
    note("start", url, headers)
    status = int(os.environ["STATUS"])
    return SimpleNamespace(ok=status < 400, status_code=status, json=lambda: {"id": "k1"})
def delete(url, headers, timeout): note("end", url, headers)
"""
WEBSOCKET = """
import json, os
from requests import note
def create_connection(url, timeout, header):
    note("open", url, header)
    return Socket()
class Socket:
    def send(self, text):
        self.asked = json.loads(text)
        self.replies = iter(json.loads(os.environ["REPLIES"]))
    def recv(self):
        kind, content, own = next(self.replies)
        parent = {"msg_id": self.asked["header"]["msg_id"] if own else "another"}
        return json.dumps({"msg_type": kind, "content": content, "parent_header": parent})
"""
IDLE = ("status", {"execution_state": "idle"})
Reply = tuple[str, dict[str, str], bool]


def printed(text: str, name: str = "stdout", *, own: bool = True) -> Reply:
    return "stream", {"name": name, "text": text}, own


def ran(argv: Sequence[str], request: Any, **variables: str) -> Any:
    ended = subprocess.run(
        [sys.executable, "-uc", *argv],
        env={**os.environ, **variables}, input=f"{json.dumps(request)}\n",
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(ended.stdout)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[Any, list[str]]]:
    """What runs a cell whose kernel replies so, and returns the program's reply and what was asked of Jupyter."""
    (tmp_path / "requests.py").write_text(REQUESTS)
    (tmp_path / "websocket.py").write_text(WEBSOCKET)
    notes = tmp_path / "notes"

    def send(*replies: Reply, token: str = "t", status: int = 201) -> tuple[Any, list[str]]:
        notes.write_text("")
        given = {"PYTHONPATH": str(tmp_path), "NOTES": str(notes), "STATUS": str(status)}
        asked = {"url": "http://jupyter:8888", "token": token, "cell": "1"}
        reply = ran([CELL.read_text()], asked, REPLIES=json.dumps(replies), **given)
        return reply, notes.read_text().splitlines()

    return send


def test_a_cell_runs_in_a_kernel_of_its_own_that_ends_with_it(run: Callable[..., tuple[Any, list[str]]]) -> None:
    reply, asked = run(printed("4"), printed("a warning", "stderr"), printed("2\n"), (*IDLE, True))
    assert reply == {"printed": "42\n", "error": None}
    kernel = "http://jupyter:8888/api/kernels"
    assert asked == [
        f"start|{kernel}|token t",
        f"open|{kernel.replace('http', 'ws')}/k1/channels|token t",
        f"end|{kernel}/k1|token t",
    ]


def test_what_is_said_of_something_else_is_none_of_the_cells(run: Callable[..., tuple[Any, list[str]]]) -> None:
    """A kernel that has just started says that it is idle, to nobody's question."""
    reply, _ = run((*IDLE, False), printed("41", own=False), printed("42"), (*IDLE, True))
    assert reply == {"printed": "42", "error": None}


def test_an_error_is_the_cells_after_what_it_printed(run: Callable[..., tuple[Any, list[str]]]) -> None:
    reply, asked = run(printed("42"), ("error", {"ename": "ValueError", "evalue": "late"}, True), (*IDLE, True))
    assert reply == {"printed": "42", "error": "ValueError: late"}
    assert asked[-1].startswith("end|")


def test_who_is_refused_brings_nothing_and_has_no_kernel(run: Callable[..., tuple[Any, list[str]]]) -> None:
    assert run(token="", status=403) == ({"refused": 403}, ["start|http://jupyter:8888/api/kernels|nobody"])


# Stands in for papermill: it says what it was asked, and leaves the notebook that is given as the one that ended.
PAPERMILL = """#!/usr/bin/env python3
import os, sys
print(sys.argv[1:], file=sys.stderr)
if os.environ["ENDED"]:
    open(sys.argv[2], "w").write(os.environ["ENDED"])
sys.exit(int(os.environ["CODE"]))
"""


def cell(*outputs: dict[str, Any], count: int | None = 1, kind: str = "code") -> dict[str, Any]:
    return {"cell_type": kind, "execution_count": count, "outputs": list(outputs)}


def prints(*lines: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": lines}


ERROR = {"output_type": "error", "ename": "AnalysisException", "evalue": "no column"}


def whole_run(folder: Path, cells: Sequence[Any] | None, code: int = 0) -> Any:
    (folder / "papermill").write_text(PAPERMILL)
    (folder / "papermill").chmod(0o755)
    ended = json.dumps({"cells": cells}) if cells is not None else ""
    asked = {"notebook": "{}", "parameters": {"rows": 3, "tag": "t-1"}}
    path = f"{folder}:{os.environ['PATH']}"
    return ran([NOTEBOOK.read_text()], asked, PATH=path, ENDED=ended, CODE=str(code), TMPDIR=str(folder))


def test_what_all_cells_printed_is_returned_with_their_number(tmp_path: Path) -> None:
    cells = [cell(kind="markdown"), cell(prints("the sum ", "is 45\n"), prints("slow", name="stderr")), cell()]
    found = whole_run(tmp_path, cells)
    assert "'--no-progress-bar', '-p', 'rows', '3', '-p', 'tag', 't-1'" in found.pop("said")
    assert found == {"exit_code": 0, "printed": "the sum is 45\n", "error": None, "cells": 2}


def test_an_error_is_shown_and_papermills_note_on_it_is_no_cell(tmp_path: Path) -> None:
    note = cell(prints("An Exception was encountered"), count=None)
    found = whole_run(tmp_path, [cell(prints("the sum is 45\n")), note, cell(ERROR, count=2), cell(count=None)], 1)
    assert {key: found[key] for key in ("exit_code", "printed", "error", "cells")} == {
        "exit_code": 1,
        "printed": "the sum is 45\n",
        "error": "AnalysisException: no column",
        "cells": 2,
    }


def test_a_notebook_that_did_not_begin_has_no_cells(tmp_path: Path) -> None:
    found = whole_run(tmp_path, None, 2)
    assert (found["exit_code"], found["cells"], found["error"]) == (2, 0, None)
