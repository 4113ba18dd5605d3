"""Every check of a criterion has a test, so that nobody relies on one that was never seen to fail."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def checks(source: str, module: str) -> Iterator[tuple[str, str]]:
    """Each public check that a module defines, after the class that has it, or after the module."""
    for node in ast.parse(source).body:
        owner, body = (node.name, node.body) if isinstance(node, ast.ClassDef) else (module, [node])
        for each in body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("must_"):
                yield owner, each.name


def words(source: str) -> set[str]:
    """The names that a test uses: imported, called, or asked of something."""
    found = set[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {*str(node.module).split("."), *(alias.name for alias in node.names)}
    return found


def untested(sources: Iterable[tuple[str, str]], tests: Iterable[str]) -> list[str]:
    """The checks of these modules, (name, source) each, that no test uses together with whose they are."""
    used = [words(test) for test in tests]
    every = [check for module, source in sources for check in checks(source, module)]
    return [f"{owner}.{name}" for owner, name in every if not any({owner, name} <= names for names in used)]


def test_every_check_is_seen_to_hold_and_to_fail_somewhere() -> None:
    sources = [(path.stem, path.read_text()) for path in sorted((ROOT / "sparkproof").rglob("*.py"))]
    tests = [path.read_text() for path in (ROOT / "tests" / "unit").rglob("test_*.py")]
    assert sum(len(list(checks(source, module))) for module, source in sources) > 80
    assert not untested(sources, tests)


CELL = """
class CellRun:
    def must_be_refused(self): ...
    def _must_be_well(self): ...
    def run(self): ...

def must_be_clean(): ...
"""


def test_a_check_that_no_test_uses_is_named() -> None:
    made_up = [("notebook", CELL)]
    assert untested(made_up, []) == ["CellRun.must_be_refused", "notebook.must_be_clean"]
    assert untested(made_up, ["from x.notebook import CellRun, must_be_clean\nmust_be_clean()"]) == [
        "CellRun.must_be_refused"
    ]
    assert untested(made_up, ["from x import notebook\nCellRun().must_be_refused()\nnotebook.must_be_clean()"]) == []


def test_a_check_of_the_same_name_that_something_else_has_is_no_test_of_it() -> None:
    others = "from x.session import Answer\nAnswer().must_be_refused()\n"
    assert untested([("notebook", CELL)], [others]) == ["CellRun.must_be_refused", "notebook.must_be_clean"]


def test_what_only_stands_in_a_text_is_no_test() -> None:
    assert untested([("notebook", CELL)], ['"CellRun.must_be_refused of notebook, must_be_clean"']) == [
        "CellRun.must_be_refused",
        "notebook.must_be_clean",
    ]


def early(source: str) -> list[str]:
    """The checks of a module that prove something before the last thing that they check."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [each.name for each in functions if each.name.startswith("must_") and _early(each.body)]


def _early(block: Sequence[ast.stmt]) -> bool:
    """Return True if a statement of the block proves something, and a later one of it still checks."""
    for number, statement in enumerate(block):
        if any(_early(inner) for inner in _blocks(statement)):
            return True
        later = [each for after in block[number + 1 :] for each in ast.walk(after)]
        if any(map(_is_proof, ast.walk(statement))) and any(map(_is_check, later)):
            return True
    return False


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for handler in getattr(statement, "handlers", []):
        yield handler.body


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_proof(node: ast.AST) -> bool:
    return _called(node) in ("prove", "_prove")


def _is_check(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) or _called(node).lstrip("_").startswith(("must_", "eventually"))


def test_a_check_proves_nothing_before_it_has_checked_all() -> None:
    found = {path.stem: early(path.read_text()) for path in sorted((ROOT / "sparkproof").rglob("*.py"))}
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("body", "too_early"),
    [
        ("evidence.prove(1)\n    if wrong:\n        raise CheckFailed", True),
        ("evidence.prove(1)\n    other.must_hold()", True),
        ("if a:\n        evidence.prove(1)\n    raise CheckFailed", True),
        ("for one in all:\n        self._prove(1)\n    self._must_be()", True),
        ("if wrong:\n        raise CheckFailed\n    evidence.prove(1)\n    evidence.attach(2)", False),
        ("try:\n        x()\n    except E:\n        evidence.prove(1)\n    else:\n        raise CheckFailed", False),
    ],
)
def test_a_proof_that_comes_too_early_is_seen(body: str, too_early: bool) -> None:
    assert early(f"def must_be():\n    {body}\n") == (["must_be"] if too_early else [])
