"""Classes and modules stay short enough to be read at once; each rule is seen to fail on a module that is made up."""

from pathlib import Path

import pytest

from tests.support import house

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = sorted((ROOT / "sparkproof").rglob("*.py"))
OTHERS = [path for folder in ("steps", "bench", "tests") for path in (ROOT / folder).rglob("*.py")]
MODULES = sorted([*PACKAGE, ROOT / "environment.py", *OTHERS])


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_class_is_short_and_narrow(path: Path) -> None:
    text = path.read_text()
    assert house.long_classes(text) + house.wide_classes(text) == []


def test_a_module_is_short_or_says_why() -> None:
    found = {str(path.relative_to(ROOT)): house.long_module(path.read_text()) for path in MODULES}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_class_of_too_many_lines_is_found() -> None:
    lines = "".join(f"    {number}\n" for number in range(house.CLASS_LINES - 1))
    assert house.long_classes(f"class Small:\n{lines}") == []
    assert house.long_classes(f"class Large:\n{lines}    0\n") == ["class Large has 251 lines; at most 250"]


def test_a_class_of_too_many_public_members_is_found() -> None:
    fields = "".join(f"    field_{number}: int = 0\n" for number in range(house.CLASS_MEMBERS - 4))
    rest = "    plain = 1\n    def __init__(self):\n        self.a, self._b = 1, 2\n        self.c: int = 3\n"
    narrow = f"class Narrow:\n{fields}{rest}    @property\n    def shown(self): ...\n    def _hidden(self): ...\n"
    assert house.wide_classes(narrow) == []
    wide = narrow.replace("_hidden", "seen")
    assert house.wide_classes(wide) == ["class Narrow has 26 public members; at most 25"]


def test_a_module_of_too_many_lines_is_found_unless_its_first_comment_says_why() -> None:
    lines = "pass\n" * house.MODULE_LINES
    assert house.long_module(lines) == []
    assert house.long_module(f"# A comment\n{lines}") == [
        "301 lines; at most 300, unless the first comment says why (# Longer than ...)"
    ]
    assert house.long_module(f'"""A table."""\n\n# Longer than 300 lines: one row for each sabotage.\n{lines}') == []
