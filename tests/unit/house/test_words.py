"""Docstrings of functions open with a verb or a noun, and not with a relative clause."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("sparkproof", "environment.py", "steps", "bench", "tests")
_CLAUSE = re.compile(r"(Whether|Whom?|Whose|What of|Where|Why|How)\b")


def relative_clauses(source: str) -> Iterator[str]:
    """Yield the functions whose docstring opens with a relative clause, each with its line and this opening."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            opening = (ast.get_docstring(node) or "").partition("\n")[0]
            if _CLAUSE.match(opening):
                yield f"{node.name} (line {node.lineno}): {opening}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_functions_docstring_opens_with_a_relative_clause(room: str) -> None:
    path = ROOT / room
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    assert files, f"{room} has no Python files"
    found = [f"{file.relative_to(ROOT)}: {each}" for file in files for each in relative_clauses(file.read_text())]
    assert not found, "open these with a verb or a noun (Return ..., True if ..., Check that ...):\n" + "\n".join(found)


@pytest.mark.parametrize("opening", ["Whether it is up.", "Whose it is.", "What of it stays.", "How many there are."])
def test_a_relative_clause_is_found(opening: str) -> None:
    source = f'class Cluster:\n    def up(self) -> bool:\n        """{opening}"""\n'
    assert list(relative_clauses(source)) == [f"up (line 2): {opening}"]


@pytest.mark.parametrize("opening", ["True if it is up.", "Wait until it is up.", "The pods, and how many there are."])
def test_another_opening_is_not_found(opening: str) -> None:
    assert not list(relative_clauses(f'def up() -> bool:\n    """{opening}"""\n'))
