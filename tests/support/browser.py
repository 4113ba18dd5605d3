"""A headless Chromium, for tests of pages."""

import shutil
import subprocess
from pathlib import Path

import pytest

WITHIN_S = 120


class Browser:
    """Chromium without a window; skips the test where it is not installed."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            pytest.skip("Chromium is not installed: apt-get install chromium")
        self._command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
        ]  # fmt: skip

    def dom(self, page: Path, width: int = 1280, loading_ms: int = 1000) -> str:
        """Return the page as it is after its scripts have run for `loading_ms` of its time."""
        return self._run(f"--window-size={width},900", f"--virtual-time-budget={loading_ms}", "--dump-dom", page)

    def measured(self, page: Path, width: int, script: str) -> str:
        """Return the value of a JavaScript expression on the page in a window of this width."""
        copy = page.with_name(f"measured-{page.name}")
        tail = f"<pre id='measured'></pre><script>measured.textContent = {script}</script></body>"
        copy.write_text(page.read_text().replace("</body>", tail))
        return self.dom(copy, width).rpartition('<pre id="measured">')[2].partition("</pre>")[0]

    def pdf(self, page: Path, to: Path) -> bytes:
        """Print the page to a PDF file and return its bytes."""
        self._run("--no-pdf-header-footer", f"--print-to-pdf={to}", page)
        return to.read_bytes()

    def _run(self, *arguments: str | Path) -> str:
        *options, page = arguments
        command = [*self._command, *map(str, options), Path(page).absolute().as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=True).stdout
