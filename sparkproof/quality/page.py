"""The page of a verdict, as JupyterLab serves it and a browser without internet shows it."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import evidence
from sparkproof.core.browser import Browser
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.reply import Reply

_WIDTH = 1280
# The red crosses that a reader sees, with the font that draws them, and the text.
_SEEN = """JSON.stringify({
  marks: [...document.querySelectorAll('.fa-times')].filter(mark => mark.offsetWidth > 0).length,
  drawn: [...document.fonts].some(font => /Font Awesome/.test(font.family) && font.status == 'loaded'),
})"""


@dataclass(frozen=True)
class Page(Reply):
    """JupyterLab's reply to somebody who asks for the page of a verdict."""

    server = "JupyterLab"

    @property
    def trouble(self) -> str | None:
        """The refusal of the request."""
        return f"JupyterLab refused {self.asked} with status {self.status}" if self.status != 200 else None

    def must_show(self, words: list[str]) -> None:
        """Check that a browser shows these words and the crosses of what broke, and asks no other machine."""
        evidence.look_at(self)
        if self.trouble:
            raise CheckFailed(f"{self.trouble}: {self.text[:200]}")
        with tempfile.TemporaryDirectory(prefix="sparkproof-") as folder:
            browser, page = Browser(Path(folder)), Path(folder, "page.html")
            page.write_text(self.text)
            asked, text = browser.requests(page), " ".join(browser.text(page).split())
            seen = json.loads(browser.measured(page, _WIDTH, _SEEN) or "{}")
            evidence.attach("the page", browser.picture(page), "image/png")
        if asked:
            raise CheckFailed(f"The page asks other machines for {len(asked)} files: {', '.join(asked)}.")
        if missing := [word for word in words if word not in text]:
            raise CheckFailed(f"The page does not show {', '.join(missing)}: {text}")
        if not seen.get("marks") or not seen["drawn"]:
            raise CheckFailed(f"The page shows no mark of what broke: {seen}.")
        evidence.prove(
            Level.EXECUTED, f"The page marks what broke, shows {', '.join(words)}, and asks nobody for anything"
        )
