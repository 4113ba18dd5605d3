"""A program in Jupyter's pod that acts as a data engineer: it reads one JSON request and prints one reply.

{"op": "judge", "suite": TEXT, "arguments": [WORD, ...]} judges a table: {"exit_code", "verdict": JSON or null, "said"}.
{"op": "page", "url": URL, "token": TOKEN, "folder": FOLDER} asks JupyterLab for the page of a verdict that was written
into a folder: {"status", "text"}, where the text of a redirection is its address.
"""

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 30


def judge(suite: str, arguments: list[str]) -> dict[str, Any]:
    """Judge a table by the rules of this text, as a data engineer does in a terminal."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as rules:
        rules.write(suite)
        rules.flush()
        command = [sys.executable, "-m", "quality", rules.name, *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return {
        "exit_code": ended.returncode,
        "verdict": json.loads(ended.stdout) if ended.stdout.strip() else None,
        "said": ended.stderr,
    }


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: JupyterLab sends who has no token to its login, which is answered."""

    def redirect_request(self, *_: Any) -> None:
        return None


def page(url: str, token: str, folder: str) -> dict[str, Any]:
    """Ask for the only page of a verdict, by JupyterLab's address, as a browser does."""
    (written,) = Path(folder, "validations").rglob("*.html")
    # A browser says from which page it comes. JupyterLab refuses whoever says nothing, even where nobody needs a token.
    asked = urllib.request.Request(f"{url}/files/{written.relative_to(Path.home())}", headers={"Referer": f"{url}/lab"})
    if token:
        asked.add_header("Authorization", f"token {token}")
    try:
        answer = urllib.request.build_opener(Stay).open(asked, timeout=PATIENCE_S)
    except urllib.error.HTTPError as refused:
        answer = refused
    text = answer.headers.get("Location") or answer.read().decode(errors="replace")
    return {"status": answer.status, "text": text}


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {"judge": judge, "page": page}

request = json.loads(sys.stdin.readline())
print(json.dumps(OPERATIONS[request.pop("op")](**request)), flush=True)
