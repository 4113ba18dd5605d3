"""behave's own runner and ours agree, scenario by scenario, on features with every construct and broken hooks."""

import re
from pathlib import Path

import pytest
from projects import BEHAVE_OWN, behave

CORPUS = Path(__file__).parent / "corpus"


def told(output: str) -> str:
    """What a formatter and behave's own summary said, without times and without the names of the runners."""
    own_summary = output.partition("\nTook ")[0]
    return re.sub(r"in \d+\.\d+s|USING RUNNER.*|line \d+, in", "", own_summary).strip()


@pytest.mark.parametrize("jobs", ["1"])
@pytest.mark.parametrize(
    "selection",
    [
        (),
        ("--tags=@topic or @ruled",),
        ("--tags=@wip",),
        ("--name=passes", "--name=two"),
        ("features/plain.feature:19", "features/rules.feature:16", "features/outlines.feature"),
        ("--stop",),
        ("--wip",),
        ("--dry-run",),
        ("--no-capture", "features/plain.feature"),
        ("-D", "break=error_before_all"),
        ("-D", "break=error_after_all", "features/outlines.feature"),
        ("--no-skipped", "--tags=@minor"),
        ("--exclude=plain",),
    ],
    ids=" ".join,
)
def test_agrees_with_behaves_own_runner(selection: tuple[str, ...], jobs: str, tmp_path: Path) -> None:
    args = ("-f", "plain", "--no-snippets", "-D", f"reports={tmp_path}", *selection)
    own = behave(*args, runner=BEHAVE_OWN, cwd=CORPUS)
    ours = behave(*args, "-j", jobs, cwd=CORPUS)
    assert told(ours.stdout) == told(own.stdout)
    # behave calls it a success when nothing was proved.
    assert ours.returncode == (3 if "verdict: unproven" in ours.stdout else own.returncode), ours.stdout
