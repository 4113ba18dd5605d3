"""Answers are kept as long as nothing that they follow from has changed."""

import tempfile
from pathlib import Path

import pytest

from sparkproof.build import programs
from sparkproof.charts import answers, renderings
from sparkproof.charts.renderings import Case, Chart
from sparkproof.core import process


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(programs, "build", lambda _name: Path("chartcheck"))
    folder = tmp_path / "charts" / "small"
    folder.mkdir(parents=True)
    (folder / "values.yaml").write_text("a: 1\n")
    (tmp_path / "preset.yaml").write_text("a: 2\n")
    return Case(Chart(folder), presets=(tmp_path / "preset.yaml",))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that reach the program, which answers each with a text of its own."""
    requests: list[str] = []

    def run(_command: object, *, timeout_s: float, input_text: str) -> process.Completed:
        assert timeout_s
        requests.append(input_text)
        return process.Completed((), 0, f'{{"text": "{len(requests)}", "refusal": ""}}\n', "", 0.0)

    monkeypatch.setattr(process, "run", run)
    return requests


def test_the_same_request_is_answered_from_the_cache(case: Case, asked: list[str]) -> None:
    assert renderings.outcomes([case]) == renderings.outcomes([case])
    assert len(asked) == 1


@pytest.mark.parametrize("changed", ["charts/small/values.yaml", "charts/other.yaml", "preset.yaml"])
def test_a_changed_file_is_rendered_anew(changed: str, case: Case, asked: list[str], tmp_path: Path) -> None:
    before = renderings.outcomes([case])
    (tmp_path / changed).write_text("a: 3\n")
    assert renderings.outcomes([case]) != before
    assert len(asked) == 2


def test_other_values_are_another_request(case: Case, asked: list[str]) -> None:
    assert renderings.outcomes([case]) != renderings.outcomes([Case(case.chart, values={"a": 4})])
    assert len(asked) == 2


def test_a_fresh_answer_is_never_taken_from_the_cache(case: Case, asked: list[str]) -> None:
    first, second = (next(answers.fresh([case], "-text"))["text"] for _ in range(2))
    assert first != second
    assert len(asked) == 2


def test_answers_of_temporary_charts_are_not_kept(
    case: Case, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert renderings.outcomes([case]) != renderings.outcomes([case])
    assert len(asked) == 2
    assert not (tmp_path / "cache").exists()


def test_only_the_latest_states_are_kept(case: Case, asked: list[str], tmp_path: Path) -> None:
    for number in range(12):
        (case.chart.folder / "values.yaml").write_text(f"a: {number}\n")
        renderings.outcomes([case])
    assert len(asked) == 12
    assert len(list((tmp_path / "cache" / "answers").iterdir())) <= 9
