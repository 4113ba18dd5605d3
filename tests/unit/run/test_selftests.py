"""The comparison with behave's self-tests fails when a difference is not listed, and when a listed one is gone."""

import shutil
from pathlib import Path

import pytest

from tests.selftests import __main__ as selftests
from tests.selftests import compared, source
from tests.support.projects import project

# Standard input differs on a worker; the second scenario reads what the first has left in the working folder.
STEPS = """
import os, sys
from compared import work_folder
@step("it reads standard input")
def reads(c): sys.stdin.read()
@step("a file is left")
def leaves(c):
    os.makedirs(work_folder(c, "shared"), exist_ok=True)
    open(os.path.join(work_folder(c, "shared"), "left"), "w").close()
@step("the file is there")
def there(c): assert os.path.exists(os.path.join(work_folder(c, "shared"), "left"))
@step("it passes")
def passes(c): pass
"""
FEATURE = """Feature: F
  Scenario: input
    Then it reads standard input
  Scenario: left
    Then a file is left
  Scenario: found
    Then the file is there
  Scenario: simple
    Then it passes
"""
INPUT, FOUND, SIMPLE = ("features/f.feature:2 input", "features/f.feature:6 found", "features/f.feature:8 simple")


@pytest.mark.parametrize(
    ("known", "code", "said"),
    [
        (f"builds_on_others: [{FOUND}]\nouter -j 4: {{no standard input: [{INPUT}]}}", 0, "1 differ for a reason"),
        (
            f"builds_on_others: [{FOUND}]\nouter -j 4, at times: {{a reason: [{INPUT}, {SIMPLE}]}}",
            0,
            "1 differ for a reason",
        ),
        (f"builds_on_others: [{FOUND}]", 1, f"{INPUT}: passed by behave's own runner, error by ours"),
        (f"outer -j 4: {{no standard input: [{INPUT}]}}", 1, f"{FOUND}: failed in a folder of its own: list it"),
        (
            f"builds_on_others: [{FOUND}, {SIMPLE}]\nouter -j 4: {{no standard input: [{INPUT}]}}",
            1,
            f"{SIMPLE} is in known.yaml and passes in a folder of its own: take it out",
        ),
        (
            f"builds_on_others: [{FOUND}]\nouter -j 4: {{no standard input: [{INPUT}], a reason: [{SIMPLE}]}}",
            1,
            f"{SIMPLE} is in known.yaml for 'outer -j 4' and does not differ: take it out",
        ),
    ],
    ids=[
        "all is listed",
        "two differ at times",
        "a difference is not",
        "a builder is not",
        "a builder is gone",
        "a difference is gone",
    ],
)
def test_the_comparison_holds_its_list_to_what_is(
    known: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def copy(into: Path) -> Path:
        made = project(into / "copy", steps=STEPS, f=FEATURE)
        shutil.copy(str(compared.__file__), made)
        return made

    listed = tmp_path / "known.yaml"
    listed.write_text(known)
    monkeypatch.setattr(source, "copy", copy)
    monkeypatch.setattr(source, "needs", lambda: tmp_path)
    monkeypatch.setattr(selftests, "KNOWN", listed)
    arguments = ["features", "--way", "outer -j 4", "--keep", str(tmp_path / "kept")]
    assert selftests.main(arguments) == code
    assert said in capsys.readouterr().out
    monkeypatch.setattr(selftests, "_run_in", None)  # nothing is run again
    assert selftests.main(arguments) == code
    assert said in capsys.readouterr().out
