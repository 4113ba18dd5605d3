"""What the images' programs ask others: each question ends, and whoever is given a token is who it is meant for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkproof.build.recipes import DOCKER

_ASKS = ("urlopen", "create_connection")
# What trusts whoever answers.
_TRUSTING = ("_create_unverified_context", "CERT_NONE", "check_hostname", "verify_mode")
# Asks only the machine on which the image is built.
_PROGRAMS = [path for path in sorted(DOCKER.rglob("*.py")) if path.name != "share_classes.py"]


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the questions of a program, in sentences."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _name(node.func) in _ASKS and "timeout" not in _keywords(node):
            yield f"line {node.lineno} may wait for ever"
        if isinstance(node, ast.Name | ast.Attribute) and _name(node) in _TRUSTING:
            yield f"line {node.lineno} trusts whoever answers"


def _keywords(call: ast.Call) -> list[str | None]:
    return [keyword.arg for keyword in call.keywords]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", _PROGRAMS, ids=lambda path: path.stem)
def test_each_question_of_a_program_ends_and_trusts_whom_it_knows(path: Path) -> None:
    assert list(faults(path.read_text())) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("urlopen('http://a', timeout=3)", []),
        ("urllib.request.urlopen('http://a')", ["line 1 may wait for ever"]),
        ("socket.create_connection(('a', 1))", ["line 1 may wait for ever"]),
        ("trust = ssl._create_unverified_context()", ["line 1 trusts whoever answers"]),
        ("context.verify_mode = ssl.CERT_NONE", ["line 1 trusts whoever answers"] * 2),
    ],
)
def test_a_question_that_does_not_end_or_trusts_anybody_is_found(text: str, told: list[str]) -> None:
    assert list(faults(text)) == told
