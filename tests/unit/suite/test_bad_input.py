"""What a user may get wrong on behave's command line: one sentence, exit code 1, no traceback, no cluster started."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["-D", "cluster=production"], "Setting -D cluster=production is not usable"),
        (["-D", "cluter=embedded"], "Setting -D cluter is unknown; did you mean -D cluster=...?"),
        (["-D", "spark=9.9.9"], "Setting -D spark=9.9.9 is not usable"),
        (["-D", "cluster=context:nowhere", "-D", "kubeconfig={empty}"], "The kubeconfig {empty} cannot be used"),
        (["-D", "cluster=context:nowhere", "-D", "kubeconfig={other}"], "Context 'nowhere' is not in {other}; it has"),
        (
            ["-D", "cluster=context:dead", "-D", "kubeconfig={other}"],
            "The API server at http://127.0.0.1:1 does not answer",
        ),
        (["-D", "expect=gpus"], "Capability 'gpus' is unknown; did you mean gpu?"),
        (["-D", "contract=nowhere.yaml"], "The contract nowhere.yaml cannot be read"),
        (["--tags=@icberg"], "Tag @icberg is unknown; did you mean @iceberg?"),
        (["features/nowhere.feature"], "nowhere.feature"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_it_is_one_sentence(arguments: list[str], cause: str, tmp_path: Path) -> None:
    files = {"empty": tmp_path / "empty", "other": tmp_path / "other"}
    files["empty"].touch()
    files["other"].write_text(
        "{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}],"
        " users: [{name: u, user: {}}], contexts: [{name: dead, context: {cluster: c, user: u}}]}"
    )
    given = [argument.format(**files) for argument in arguments]
    run = subprocess.run(
        [sys.executable, "-m", "behave", "--format=null", "-D", f"reports={tmp_path}/reports", *given],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    output = run.stdout + run.stderr
    assert run.returncode == 1, output
    assert cause.format(**files) in output
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("verdict: failure")
