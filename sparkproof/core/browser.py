"""A headless Chromium that reaches no other machine: pages as people see them, and what they ask for."""

import html
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError

# The initiator of what Chromium asks for on its own.
_CHROMIUM_ITSELF = "not an origin"


def program() -> str | None:
    """Return the path of Chromium on this machine; None if there is none."""
    return shutil.which("chromium") or shutil.which("google-chrome")


class Browser:
    """Chromium without a window, which finds no host; `folder` is for its files. Raises SparkproofError."""

    def __init__(self, folder: Path) -> None:
        found = program()
        if found is None:
            raise SparkproofError("Chromium is not installed: apt-get install chromium.")
        self._folder = folder
        self._command = [
            found, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
        ]  # fmt: skip

    def dom(self, page: Path, width: int = 1280, loading_ms: int = 1000) -> str:
        """Return the page as it is after its scripts have run for `loading_ms` of its time."""
        return self._run(f"--window-size={width},900", f"--virtual-time-budget={loading_ms}", "--dump-dom", page)

    def text(self, page: Path) -> str:
        """Return the text that a reader sees."""
        return html.unescape(self.measured(page, 1280, "document.body.innerText"))

    def measured(self, page: Path, width: int, script: str) -> str:
        """Return the value of a JavaScript expression on the page in a window of this width, once it has its fonts."""
        copy = page.with_name(f"measured-{page.name}")
        then = f"document.fonts.ready.then(() => {{ measured.textContent = {script} }})"
        head, end, rest = page.read_text().rpartition("</body>")
        copy.write_text(f"{head}<pre id='measured'></pre><script>{then}</script>{end}{rest}")
        return self.dom(copy, width).rpartition('<pre id="measured">')[2].partition("</pre>")[0]

    def pdf(self, page: Path, to: Path) -> bytes:
        """Print the page to a PDF file and return its bytes."""
        self._run("--no-pdf-header-footer", f"--print-to-pdf={to}", page)
        return to.read_bytes()

    def picture(self, page: Path, width: int = 1280, height: int = 1600) -> bytes:
        """Return the page as a PNG image."""
        to = self._folder / "picture.png"
        self._run(f"--window-size={width},{height}", "--virtual-time-budget=1000", f"--screenshot={to}", page)
        return to.read_bytes()

    def requests(self, page: Path) -> Sequence[str]:
        """Return the addresses of other machines that the page asks for."""
        log = self._folder / "requests.json"
        self._run(f"--log-net-log={log}", "--virtual-time-budget=1000", "--dump-dom", page)
        events = (event.get("params", {}) for event in json.loads(log.read_text())["events"])
        asked = (each["url"] for each in events if each.get("initiator", _CHROMIUM_ITSELF) != _CHROMIUM_ITSELF)
        return sorted({url for url in asked if url.startswith("http")})

    def _run(self, *arguments: str | Path) -> str:
        *options, page = arguments
        command = [*self._command, *map(str, options), Path(page).absolute().as_uri()]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=timeouts.BROWSER, check=True)
        return ran.stdout
