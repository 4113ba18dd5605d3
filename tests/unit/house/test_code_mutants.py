"""The tally of breaks: one that no test reaches counts as not noticed, and a reason is for its own lines only."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import code_mutants
from tests.code_mutants import Survivor, Tally, explained, page, read


def test_results_are_told_apart_by_mutmuts_exit_codes(tmp_path: Path) -> None:
    codes = {"killed": 1, "survived": 0, "no tests": 33, "none selected": 5, "late": 36, "not yet": None}
    folder = tmp_path / "sparkproof" / "spark"
    folder.mkdir(parents=True)
    (folder / "session.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    tally = read(tmp_path)["spark/session.py"]
    assert (tally.noticed, tally.survived, tally.unknown) == (2, ["survived", "no tests", "none selected"], 1)
    assert (tally.made, tally.percent) == (5, 40.0)
    assert Tally().percent == 100.0


DIFF = """--- a/session.py
+++ b/session.py
-    if self.rows:
+    if not self.rows:
"""


@pytest.mark.parametrize(
    ("where", "line", "why"), [("Answer.must", "not self.rows", "x"), ("Answer", "y", ""), ("Z", "self", "")]
)
def test_a_reason_is_for_a_function_and_a_line(
    where: str, line: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text(json.dumps([{"in": where, "line": line, "reason": "x"}]))
    monkeypatch.setattr(code_mutants, "REASONS", reasons)

    def show(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, DIFF, "")

    monkeypatch.setattr(subprocess, "run", show)
    tallies = {"spark/session.py": Tally(survived=["sparkproof.spark.session.xǁAnswerǁmust_hold__mutmut_7"])}
    (found,) = explained(tallies)
    lines = ("-    if self.rows:", "+    if not self.rows:")
    assert (found.module, found.function) == ("spark/session.py", "spark/session.py: Answer.must_hold")
    assert (found.lines, found.reason) == (lines, why)


def test_the_page_counts_and_lists_what_nobody_noticed() -> None:
    shown = page(
        {"a.py": Tally(noticed=9, survived=["x"], unknown=3, worded=2)},
        [
            Survivor("a.py", "f_1", "a.py: f", ("-one", "+two"), ""),
            Survivor("a.py", "g_1", "a.py: g", ("+three",), "it is a message"),
        ],
    )
    assert "Of 10 breaks 9 were noticed: 90.0 %. 3 others have not been tried yet,\nand 2 change only" in shown
    assert "| a.py | 10 | 9 | 90 % |" in shown
    assert "`a.py: f`: no reason is known yet.\n```diff\n-one\n+two\n```" in shown
    assert "`a.py: g`: it is a message." in shown
    assert "Nothing." in page({}, [])


@pytest.mark.parametrize(("noticed", "code"), [(9, 0), (8, 1), (0, 1)])
def test_too_few_are_an_error(noticed: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    survived = [f"m__mutmut_{number}" for number in range(10 - noticed)] if noticed else []
    monkeypatch.setattr(code_mutants, "read", lambda _: {"a.py": Tally(noticed, survived)})
    monkeypatch.setattr(code_mutants, "explained", lambda _: [])
    monkeypatch.setattr(code_mutants, "PAGE", tmp_path / "page.md")
    assert code_mutants.main(["--page"]) == code


@pytest.mark.parametrize(
    ("lines", "wording"),
    [
        (('-    raise CheckFailed("No row.")', '+    raise CheckFailed("XXNo row.XX")'), True),
        (('-    raise CheckFailed("No row.")', '+    raise CheckFailed("NO ROW.")'), True),
        (('-    raise CheckFailed("No row.")', "+    raise CheckFailed(None)"), False),
        (("-    if a > b:", "+    if a >= b:"), False),
        ((), False),
    ],
)
def test_a_break_of_words_alone_is_told_apart(lines: tuple[str, ...], wording: bool) -> None:
    assert code_mutants.is_wording(lines) == wording
