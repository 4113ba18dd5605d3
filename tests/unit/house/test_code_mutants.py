"""The tally of breaks: one that no test reaches counts as not noticed, and a reason is for its own lines only."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

import pytest
from mutmut.mutation.file_mutation import mutate_file_contents

from tests import code_mutants, code_programs
from tests.code_breaks import LATE, NOTICED, SURVIVED, UNREACHED, Reach
from tests.code_mutants import ROOT, Survivor, Tally, explained, keep, page, read
from tests.code_programs import Reached
from tests.support.projects import ledger, project


def test_results_are_told_apart_by_mutmuts_exit_codes(tmp_path: Path) -> None:
    codes = {"killed": 1, "survived": 0, "no tests": 33, "none selected": 5, "late": 36, "not yet": None}
    codes = {f"sparkproof.spark.session.x_must_{name}": code for name, code in codes.items()}
    codes["sparkproof.spark.session.x_sql__mutmut_1"] = 0
    folder = tmp_path / "sparkproof" / "spark"
    folder.mkdir(parents=True)
    (folder / "session.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    tally = read(tmp_path)["spark/session.py"]
    survived = [f"sparkproof.spark.session.x_must_{name}" for name in ("survived", "no tests", "none selected")]
    assert (tally.noticed, tally.survived, tally.unknown) == (2, survived, 1)
    assert (tally.made, tally.share) == (5, "40 %")
    assert Tally(unknown=3).share == "-"


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

    monkeypatch.setattr(code_mutants, "diff", lambda _name, path: DIFF if path == "sparkproof/spark/session.py" else "")
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
    assert "| a.py | 10 | 9 | 90 % | 3 |" in shown
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


CODE = """
def double(number):
    while number < 0:
        number += 1
    return number * 2 + 0

def unused():
    return 1
"""
TESTS = """
import halves

def test_double():
    assert halves.double(3) == 6

def test_double_of_what_is_negative():
    assert halves.double(-2) == 0
"""


def test_a_break_is_noticed_survives_or_is_reached_by_no_test(tmp_path: Path) -> None:
    broken = mutate_file_contents("halves.py", CODE)
    (tmp_path / "halves.py").write_text(broken.code)
    (tmp_path / "test_halves.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["halves.py"]\n')
    results, order = tmp_path / "results.jsonl", tmp_path / "order.json"
    names = [f"halves.{name}" for name in broken.mutant_names]
    wanted = {"names": names, "tests": ["test_halves.py"], "flags": [], "until": time.time() + 60}
    order.write_text(json.dumps({**wanted, "results": str(results)}))
    subprocess.run(
        [sys.executable, "-m", "tests.code_breaks", str(order)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "MUTANT_UNDER_TEST": ""},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    found = dict(json.loads(line) for line in results.read_text().splitlines())
    assert found.keys() == set(names)
    by_function = {each: {found[name] for name in names if f"x_{each}__" in name} for each in ("double", "unused")}
    assert by_function["unused"] == {UNREACHED}
    assert {NOTICED, SURVIVED} <= by_function["double"] <= {NOTICED, SURVIVED, LATE}


def test_the_fastest_tests_of_a_function_come_first() -> None:
    reach = Reach({"a.x_f": ["slow", "quick", "middle"]}, {"slow": 3.0, "quick": 1.0, "middle": 2.0})
    assert reach.of("a.x_f__mutmut_1") == ["quick", "middle", "slow"]
    assert reach.of("a.x_g__mutmut_1") == []


def test_tests_that_noticed_the_last_breaks_come_first_then_those_of_the_module() -> None:
    tests = ["run/test_runs.py::quick", "run/test_a.py::slow", "run/test_b.py::b", "run/test_c.py::c"]
    reach = Reach({"x.a.x_f": tests, "x.a.x_g": tests}, dict(zip(tests, [1.0, 9.0, 5.0, 6.0], strict=True)))
    assert reach.of("x.a.x_f__mutmut_1") == [tests[1], tests[0], tests[2], tests[3]]
    reach.keep("x.a.x_g__mutmut_1", tests[3])
    reach.keep("x.a.x_f__mutmut_2", tests[2])
    assert reach.of("x.a.x_f__mutmut_1") == [tests[2], tests[3], tests[1], tests[0]]


def test_a_break_may_be_tried_for_a_while_only() -> None:
    reach = Reach({"a.x_f": ["1", "2", "3"]}, {"1": 1.0, "2": 2.0, "3": 3.0})
    tried = [list(reach.within("a.x_f__mutmut_1", most_s)) for most_s in (0.5, 1.0, 2.5, math.inf)]
    assert tried == [["1"], ["1", "2"], ["1", "2"], ["1", "2", "3"]]


def test_forks_share_what_they_reach() -> None:
    reached = Reached(["a.x_f", "a.x_g", "a.x_f"])
    child = os.fork()
    if not child:
        reached.add("a.x_g")
        reached.add("others")
        os._exit(0)
    os.waitpid(child, 0)
    assert list(reached) == ["a.x_g"]
    reached.clear()
    assert list(reached) == []


def test_a_program_of_a_fork_ends_as_one_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTANT_UNDER_TEST", "")
    steps = """
import atexit, os, sys
@step("it passes")
def passes(context):
    print("out", file=sys.__stdout__)
    atexit.register(lambda: open("ended", "w").write(os.getcwd()))
"""
    project(tmp_path, steps=steps, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    for jobs in ("1", "2"):
        ran = code_programs.behave("-j", jobs, "--no-capture", cwd=tmp_path)
        assert (ran.returncode, ran.stderr.count("Traceback")) == (0, 0)
        assert ran.stdout.endswith("s)\n")
        assert "verdict: success (1 passed in" in ran.stdout
        assert (tmp_path / "ended").read_text() == str(tmp_path)
    assert ledger(tmp_path)[0]["outcome"] == "passed"
    assert code_programs.behave("none.feature", cwd=tmp_path).returncode == 1


def unbroken(modules: Mapping[str, str], broken: Sequence[str]) -> list[str]:
    """Return those of the modules, by their paths, that have checks and are not among those that are broken."""
    return [
        path
        for path, text in modules.items()
        if " def must_" in f" {text}" and not any(fnmatch(path, pattern) for pattern in broken)
    ]


def test_every_module_with_checks_is_broken() -> None:
    modules = {str(path.relative_to(ROOT)): path.read_text() for path in sorted((ROOT / "sparkproof").rglob("*.py"))}
    settings = code_mutants._settings(ROOT)
    assert not unbroken(modules, [*settings["only_mutate"], *settings["do_not_mutate"]])
    assert unbroken({"a/b.py": "class C:\n    def must_hold(self): ...", "a/c.py": ""}, ["a/c*"]) == ["a/b.py"]


def test_what_was_found_is_kept_beside_what_was_known(tmp_path: Path) -> None:
    meta = tmp_path / "a.py.meta"
    meta.write_text(
        json.dumps({"exit_code_by_key": {"a": 1, "b": None, "c": None}, "hash_by_function_name": {"a": "1"}})
    )
    keep([meta], {"b": 0})
    kept = json.loads(meta.read_text())
    assert kept == {"exit_code_by_key": {"a": 1, "b": 0, "c": None}, "hash_by_function_name": {"a": "1"}}


def test_breaks_are_made_anew_by_other_settings_but_not_for_other_modules_and_tests(tmp_path: Path) -> None:
    made = []
    for number, settings in enumerate(('source_paths = ["a"]', 'source_paths = ["b"]')):
        for tests in ("a", "b"):
            folder = tmp_path / f"{number}{tests}"
            folder.mkdir()
            selection = f'only_mutate = ["{tests}"]\npytest_add_cli_args_test_selection = ["tests/{tests}"]'
            (folder / "pyproject.toml").write_text(f"[tool.mutmut]\n{settings}\n{selection}\n")
            made.append(code_mutants._of_breaks(folder))
    assert made[0] == made[1] != made[2] == made[3]
    assert code_mutants._of_breaks(tmp_path) == {}


def test_results_stay_when_other_modules_are_broken_and_copies_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, results = tmp_path, tmp_path / "mutants"
    monkeypatch.setattr(code_mutants, "ROOT", root)
    monkeypatch.setattr(code_mutants, "RESULTS", results)
    for folder, modules in ((root, ["a.py", "b.py"]), (results, ["a.py"])):
        (folder / "sparkproof").mkdir(parents=True)
        (folder / "pyproject.toml").write_text(f"[tool.mutmut]\nonly_mutate = {modules}\n")
    for name in ("a.py", "a.py.meta", "b.py"):
        (results / "sparkproof" / name).write_text("")
    (results / "tests").mkdir()
    code_mutants._make_anew()
    assert sorted(path.name for path in (results / "sparkproof").iterdir()) == ["a.py.meta"]
    assert not (results / "tests").exists()
    (root / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["x"]\n')
    code_mutants._make_anew()
    assert not results.exists()
