"""The program that acts as a data engineer who judges a table: what is judged, and what JupyterLab gives of a page."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from sparkproof.quality import workbench
from tests.support import loopback

PROGRAM = Path(workbench.__file__).with_name("user.py")
# Stands in for the platform's module: it gives back its rules and arguments as a verdict, or says that it cannot.
QUALITY = """
import json, pathlib, sys
if "broken" in sys.argv: sys.exit("no such table")
print(json.dumps({"rules": json.loads(pathlib.Path(sys.argv[1]).read_text()), "arguments": sys.argv[2:]}))
"""


def ask(home: Path, **request: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-uc", PROGRAM.read_text()],
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(home)}, input=f"{json.dumps(request)}\n",
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_table_is_judged_by_the_rules_that_are_given(tmp_path: Path) -> None:
    (tmp_path / "quality.py").write_text(QUALITY)
    judged = json.loads(ask(tmp_path, op="judge", suite='{"name": "orders"}', arguments=["rest.s.t", "--page"]).stdout)
    assert judged["exit_code"] == 0
    assert judged["verdict"] == {"rules": {"name": "orders"}, "arguments": ["rest.s.t", "--page"]}
    broken = json.loads(ask(tmp_path, op="judge", suite="{}", arguments=["broken"]).stdout)
    assert broken == {"exit_code": 1, "verdict": None, "said": "no such table\n"}


@pytest.fixture
def server() -> Iterator[str]:
    """A JupyterLab that gives files to who has the token and says from which page it comes, and a login to others."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            own = f"http://{self.headers['Host']}/lab"
            if self.path.startswith("/login"):
                self.say(200, "who are you?")
            elif self.headers["Authorization"] != "token t":
                self.send_response(302)
                self.send_header("Location", f"/login?next={self.path}")
                self.end_headers()
            elif self.headers["Referer"] != own:
                self.say(403, "from another page")
            else:
                self.say(200, f"the page {self.path}")

        def say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with loopback.serving(loopback.on_any_port(Handler)) as address:
        yield address


def page(server: str, home: Path, token: str) -> "subprocess.CompletedProcess[str]":
    return ask(home, op="page", url=server, token=token, folder=str(home / "work" / "verdict"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    written = tmp_path / "work" / "verdict" / "validations" / "orders"
    written.mkdir(parents=True)
    (written / "run.html").write_text("x")
    (tmp_path / "work" / "verdict" / "index.html").write_text("all verdicts")
    return tmp_path


def test_the_page_of_the_verdict_is_asked_for_as_a_browser_does(server: str, home: Path) -> None:
    told = json.loads(page(server, home, "t").stdout)
    assert told == {"status": 200, "text": "the page /files/work/verdict/validations/orders/run.html"}


def test_who_has_no_token_is_told_where_to_go_and_does_not_go_there(server: str, home: Path) -> None:
    """The login answers everybody with 200, as if that were the page."""
    told = json.loads(page(server, home, "").stdout)
    assert (told["status"], told["text"][:12]) == (302, "/login?next=")


def test_a_second_page_is_not_taken_for_that_of_the_verdict(server: str, home: Path) -> None:
    (home / "work" / "verdict" / "validations" / "earlier.html").write_text("x")
    assert page(server, home, "t").returncode
