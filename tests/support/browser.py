"""A headless Chromium, for tests of pages."""

from pathlib import Path

import pytest

from sparkproof.core import browser


class Browser(browser.Browser):
    """Chromium without a window; skips the test where it is not installed."""

    def __init__(self, folder: Path) -> None:
        if browser.program() is None:
            pytest.skip("Chromium is not installed: apt-get install chromium")
        super().__init__(folder)
