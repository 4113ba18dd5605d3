"""Two processes that collect the tests give each the same name, so that they can share the work.

A name made of a set differs, since text has another hash in each process: pytest-xdist then runs no test at all.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]


def without_order(source: str) -> Iterator[int]:
    """The lines with a set of two or more in the rows of a test whose names are made by `str`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and any(ast.unparse(each) == "ids=str" for each in node.keywords):
            for each in ast.walk(node):
                if (isinstance(each, ast.Set) and len(each.elts) > 1) or isinstance(each, ast.SetComp):
                    yield each.lineno


def test_no_name_of_a_test_is_made_of_a_set() -> None:
    wrong = [f"{path}:{line}" for path in sorted(TESTS.rglob("*.py")) for line in without_order(path.read_text())]
    assert not wrong


ROWS = '@pytest.mark.parametrize("found", [{rows}], ids={ids})\ndef test_it(found): ...\n'


@pytest.mark.parametrize(
    ("rows", "ids", "lines"),
    [
        ('{"a"}, ["a", "b"], {"a": 1, "b": 2}', "str", []),
        ('{"a", "b"}', '["two"]', []),
        ('({"a"}, {"a", "b"})', "str", [1]),
        ("{each for each in LINES}", "str", [1]),
    ],
)
def test_a_set_in_a_name_is_found(rows: str, ids: str, lines: list[int]) -> None:
    assert list(without_order(ROWS.replace("{rows}", rows).replace("{ids}", ids))) == lines
