"""Answers are kept as long as nothing that they follow from has changed."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build import programs
from sparkproof.charts import answers, renderings, schemas
from sparkproof.charts.renderings import Case, Chart
from sparkproof.core import process

Asked = Callable[[Sequence[Case]], Sequence[Any]]


def texts(cases: Sequence[Case]) -> list[str]:
    return [each.text for each in renderings.rendered(cases)]


def branches(cases: Sequence[Case]) -> Sequence[Any]:
    return renderings.chartcheck(cases, "-branches")


each_way = pytest.mark.parametrize("way", [texts, renderings.outcomes, branches])


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(programs, "build", lambda _name: Path("chartcheck"))
    monkeypatch.setattr(schemas, "pattern", lambda: "schemas/{kind}")
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
        said = ""
        for line in input_text.splitlines():
            requests.append(line)
            text = f"{len(requests)}"
            said += json.dumps({"text": text, "refusal": "", "notes": "", "objects": [], "problems": []}) + "\n"
        return process.Completed((), 0, said, "", 0.0)

    monkeypatch.setattr(process, "run", run)
    return requests


@each_way
def test_the_same_request_is_answered_from_the_cache(way: Asked, case: Case, asked: list[str]) -> None:
    assert way([case]) == way([case])
    assert len(asked) == 1


def test_only_what_was_not_asked_before_is_asked(case: Case, asked: list[str]) -> None:
    more = [Case(case.chart, values={"a": number}) for number in (4, 5)]
    assert texts([case]) == ["1"]
    assert texts([more[0], case, more[1], more[0]]) == ["2", "1", "3", "2"]
    assert len(asked) == 3


@each_way
@pytest.mark.parametrize("changed", ["charts/small/values.yaml", "charts/other.yaml", "preset.yaml"])
def test_a_changed_file_is_rendered_anew(
    way: Asked, changed: str, case: Case, asked: list[str], tmp_path: Path
) -> None:
    before = way([case])
    (tmp_path / changed).write_text("a: 3\n")
    assert way([case]) != before
    assert len(asked) == 2


@each_way
def test_another_helm_renders_anew(way: Asked, case: Case, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = way([case])
    monkeypatch.setattr(programs, "build", lambda _name: Path("another/chartcheck"))
    assert way([case]) != before
    assert len(asked) == 2


def test_what_other_schemas_say_is_asked_anew(case: Case, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = texts([case])
    monkeypatch.setattr(schemas, "pattern", lambda: "others/{kind}")
    assert texts([case]) != before
    assert len(asked) == 2


@each_way
@pytest.mark.parametrize(
    "other", [{"values": {"a": 4}}, {"version": "2.0.0"}, {"release": "second"}, {"namespace": "others"}], ids=str
)
def test_another_case_is_another_request(way: Asked, other: dict[str, Any], case: Case, asked: list[str]) -> None:
    assert way([case]) != way([Case(**{"chart": case.chart, "presets": case.presets, **other})])
    assert len(asked) == 2


def test_what_was_asked_in_vain_is_asked_again(case: Case, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> process.Completed:
        raise process.CommandFailed(process.Completed(("chartcheck",), 1, "", "", 0.0), "broke")

    with monkeypatch.context() as broken:
        broken.setattr(process, "run", fails)
        with pytest.raises(process.CommandFailed):
            texts([case])
    assert texts([case]) == ["1"]
    assert len(asked) == 1


def test_a_rendering_that_is_asked_anew_is_never_taken_from_the_cache(case: Case, asked: list[str]) -> None:
    assert texts([case]) != [each.text for each in renderings.render([case])]
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
