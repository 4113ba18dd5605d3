"""behave's own runner and ours agree, scenario by scenario, on features with every construct and broken hooks."""

import json
import re
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.support.projects import BEHAVE_OWN, OURS, behave

CORPUS = Path(__file__).parent / "corpus"


def shown(output: str) -> str:
    """The output of a formatter and of behave's own summary, without times and without the names of the runners."""
    own_summary = output.partition("\nTook ")[0]
    return re.sub(r"in \d+\.\d+s|USING RUNNER.*|line \d+, in|\"duration\": .*", "", own_summary).strip()


SELECTIONS: list[tuple[str, ...]] = [
    (),
    ("--tags=@topic or @ruled",),
    ("--tags=@wip",),
    ("--name=passes", "--name=two"),
    ("features/plain.feature:19", "features/rules.feature:16", "features/outlines.feature"),
    ("--wip",),
    ("--dry-run",),
    ("--no-capture", "features/plain.feature"),
    ("-D", "break=error_before_all"),
    ("-D", "break=error_after_all", "features/outlines.feature"),
    ("--no-skipped", "--tags=@minor"),
    ("--exclude=plain",),
    ("--junit", "--junit-directory={reports}"),
]


@pytest.mark.parametrize("selection", [*SELECTIONS, ("--stop",)], ids=" ".join)
def test_agrees_with_behaves_own_runner(selection: tuple[str, ...], tmp_path: Path) -> None:
    agree(selection, "1", tmp_path)


@pytest.mark.parametrize("selection", SELECTIONS, ids=" ".join)
def test_agrees_with_behaves_own_runner_in_parallel(selection: tuple[str, ...], tmp_path: Path) -> None:
    agree(selection, "4", tmp_path)


@pytest.mark.parametrize("formatter", ["pretty", "progress3", "json.pretty", "steps.usage", "rerun", "tags"])
def test_every_formatter_is_told_the_same(formatter: str, tmp_path: Path) -> None:
    agree(("--no-timings", "features/plain.feature", "features/rules.feature"), "4", tmp_path, formatter)


def agree(selection: tuple[str, ...], jobs: str, reports: Path, formatter: str = "plain") -> None:
    """Run behave's own runner and ours and compare what their formatters, summaries and exit codes say."""
    output, exit_code = own(selection, formatter)
    ours = behave(*arguments(selection, formatter, reports), "-j", jobs, cwd=CORPUS)
    assert shown(ours.stdout) == output
    # behave calls it a success when nothing was proved.
    assert ours.returncode == (3 if "verdict: unproven" in ours.stdout else exit_code), ours.stdout


@cache
def own(selection: tuple[str, ...], formatter: str) -> tuple[str, int]:
    """The output and exit code of behave's own runner, which is run once for all numbers of jobs."""
    with tempfile.TemporaryDirectory() as folder:
        ran = behave(*arguments(selection, formatter, Path(folder)), runner=BEHAVE_OWN, cwd=CORPUS)
    return shown(ran.stdout), ran.returncode


def arguments(selection: tuple[str, ...], formatter: str, reports: Path) -> list[str]:
    chosen = [arg.format(reports=reports) for arg in selection]
    return ["-f", formatter, "--no-snippets", "-D", f"reports={reports}", *chosen]


def test_a_formatter_that_wraps_scenarios_works_in_parallel(tmp_path: Path) -> None:
    """allure-behave's own formatter replaces `scenario.run` while a feature begins."""
    results_of = {}
    for name, runner, jobs in (("own", BEHAVE_OWN, "1"), ("ours", OURS, "4")):
        args = ["-f", "allure_behave.formatter:AllureFormatter", "-o", str(tmp_path / name), "-j", jobs]
        behave(*args, "-D", f"reports={tmp_path}", "features/plain.feature", cwd=CORPUS, runner=runner)
        results = [json.loads(path.read_text()) for path in (tmp_path / name).glob("*-result.json")]
        results_of[name] = sorted((one["name"], str(one.get("status")), len(one.get("steps", []))) for one in results)
    assert results_of["ours"] == results_of["own"]
    assert len(results_of["own"]) == 16
