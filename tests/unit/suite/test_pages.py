"""The generated pages of docs/ say what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def sparkproof(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from sparkproof.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)


def test_phrases_are_found_by_their_words_with_what_they_need_and_an_example() -> None:
    found = sparkproof("phrases", "simulated", "Nodes").stdout
    assert found.splitlines()[:4] == [
        "Given these simulated nodes",
        "  takes a table with the columns nodes, type",
        "    Given these simulated nodes",
        "      | nodes | type              |",
    ]
    cordoned = sparkproof("phrases", "cordoned").stdout
    assert "  node_type: a type of simulated nodes, a file in examples/nodes: amd gpu, " in cordoned
    assert "  needs an earlier step, such as: Given these simulated nodes\n" in cordoned
    none = sparkproof("phrases", "zebra")
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr == "sparkproof: No phrase has the words zebra: try fewer, or see docs/phrases.md.\n"


def test_pages_are_up_to_date(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from sparkproof.cli import main; main()", "pages", "--folder", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(made) == {"phrases.md", "tags.md", "criteria.md", "images.md", "rights.md"}
    for name, text in made.items():
        assert (ROOT / "docs" / name).read_text() == text, f"docs/{name} is stale: run make docs"
