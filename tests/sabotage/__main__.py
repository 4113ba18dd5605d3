"""Writes docs/sabotages.md from the record of what was seen: `python -m tests.sabotage`."""

from pathlib import Path

from tests.sabotage import page, seen
from tests.support.every_sabotage import EVERY

ROOT = Path(__file__).resolve().parents[2]


def text() -> str:
    """Return the page as it has to be now."""
    return page.written(page.rows(EVERY, seen.read(), ROOT / "features"))


if __name__ == "__main__":
    (ROOT / "docs" / "sabotages.md").write_text(text())
