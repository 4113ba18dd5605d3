"""The generated pages of docs/ say what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_pages_are_up_to_date(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from sparkproof.cli import main; main()", "pages", "--folder", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(made) == {"phrases.md", "tags.md", "criteria.md", "images.md"}
    for name, text in made.items():
        assert (ROOT / "docs" / name).read_text() == text, f"docs/{name} is stale: run make docs"
