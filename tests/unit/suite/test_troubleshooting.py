"""The messages that docs/troubleshooting.md quotes are those of the suite."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ANY = "…"


def messages(source: str) -> Iterable[str]:
    """All texts of a program, with ANY for what is filled in."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(each.value) if isinstance(each, ast.Constant) else ANY for each in node.values)
            yield re.sub(f"{ANY}+", ANY, text)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def unknown(page: str, sources: Iterable[str]) -> list[str]:
    """The quoted messages of a page that no program has."""
    known = "\0".join(text for source in sources for text in messages(source))
    quoted = re.findall(r"^> `(.*)`$|\(`(node .*?)`\)", page, re.M)
    return [one or other for one, other in quoted if (one or other) not in known]


def test_every_quoted_message_is_one_of_the_suite() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text()
    assert page.count("\n> `") >= 10
    assert unknown(page, [path.read_text() for path in (ROOT / "sparkproof").rglob("*.py")]) == []


def test_a_message_that_nobody_says_is_found() -> None:
    source = 'raise UsageError(f"No phrase says {said!r}; " f"{near}.")'
    assert unknown("> `No phrase says …; …`\n", [source]) == []
    assert unknown("> `No phrase said …; …`\n", [source]) == ["No phrase said …; …"]
    assert unknown("> `No phrase says …, …`\n", [source]) == ["No phrase says …, …"]
