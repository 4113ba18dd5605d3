"""The gate refuses a run for each rule that it does not keep, and says which."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sparkproof.cli import app
from sparkproof.core.errors import UsageError
from sparkproof.run import gate

TODAY = date(2026, 11, 23)


def run_of(folder: Path, verdict: str = "partial", causes: tuple[str, ...] = (), **changes: Any) -> Path:
    """The files of a run with a passed, a skipped and, with `changes`, a changed scenario."""
    line = {
        "id": "a", "name": "A", "feature": "F", "tags": ["gpu"], "outcome": "passed", "reason": "", "level": "planned",
        "attempts": 1, "started": "", "duration_s": 1.0, "group": "gpu", "location": "f:1",
    }  # fmt: skip
    lines = [line, line | {"id": "b", "outcome": "skipped", "level": None}, line | {"id": "c"} | changes]
    (folder / "ledger.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    (folder / "verdict.json").write_text(json.dumps({"verdict": verdict, "causes": list(causes), "duration_s": 100.0}))
    return folder


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, []),
        ({"verdict": "success"}, ["The verdict is partial; at least success is asked for."]),
        ({"least_passed": {"gpu": 2, "iceberg": 1}}, ["0 of group iceberg passed; at least 1 must."]),
        ({"least_proof": {"@gpu": "planned"}}, []),
        ({"least_proof": {"gpu": "executed"}}, ["a is proved at level planned; @gpu asks for executed."] * 1),
        ({"most_skipped": 0}, ["1 were skipped or unsupported; at most 0 may be."]),
        ({"longest_s": 60}, ["The run took 100 s; at most 60 s are allowed."]),
    ],
)
def test_each_rule(rules: dict[str, Any], told: list[str], tmp_path: Path) -> None:
    run = run_of(tmp_path, level="accelerated")
    assert list(gate.broken(run, gate.Rules.model_validate(rules), TODAY)) == told


def test_a_known_issue_is_excused_until_it_expires(tmp_path: Path) -> None:
    run = run_of(tmp_path, "failure", outcome="failed", reason="2 rows came")
    issue = {"id": "c", "owner": "data team", "expires": "2026-11-30"}
    rules = gate.Rules.model_validate({"known_issues": [issue]})
    assert list(gate.broken(run, rules, TODAY)) == []
    told = list(gate.broken(run, rules, date(2026, 12, 1)))
    assert told == [
        "The excuse for c expired on 2026-11-30: data team must mend it or renew it.",
        "The verdict is failure; at least partial is asked for.",
        "failed: c: 2 rows came",
    ]


def test_a_cause_beyond_single_scenarios_is_never_excused(tmp_path: Path) -> None:
    run = run_of(tmp_path, "failure", ("after_all: no bucket",), outcome="failed")
    issue = {"id": "c", "owner": "data team", "expires": "2026-11-30"}
    told = list(gate.broken(run, gate.Rules.model_validate({"known_issues": [issue]}), TODAY))
    assert told == ["The verdict is failure; at least partial is asked for.", "after_all: no bucket"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("verdict: good", "verdict"),
        ("most_skiped: 1", "most_skiped"),
        ("known_issues: [{id: a}]", "known_issues.0.owner"),
        ("a: [", "are not YAML"),
        ("- a", "the file"),
    ],
)
def test_rules_that_cannot_be_understood_are_refused(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(text)
    with pytest.raises(UsageError, match=told):
        gate.read(tmp_path / "gate.yaml")


def test_a_run_that_did_not_finish_is_refused(tmp_path: Path) -> None:
    run_of(tmp_path)
    (tmp_path / "verdict.json").unlink()
    with pytest.raises(UsageError, match="holds no finished run"):
        list(gate.broken(tmp_path, gate.Rules(), TODAY))


def test_the_command_exits_1_when_a_rule_is_broken(tmp_path: Path) -> None:
    run_of(tmp_path)
    (tmp_path / "gate.yaml").write_text("most_skipped: 0")
    shown = CliRunner().invoke(app, ["gate", str(tmp_path), "--rules", str(tmp_path / "gate.yaml")])
    assert (shown.exit_code, shown.stdout) == (1, "1 were skipped or unsupported; at most 0 may be.\n")
