"""A promise has to hold whatever value users change: one that does not is named, with the value."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sparkproof.charts import changes, promises
from sparkproof.charts.cases import Case
from sparkproof.charts.changes import Changes
from sparkproof.charts.chart import Chart
from sparkproof.charts.coverage import Effects, Keys
from sparkproof.charts.promises import View
from sparkproof.charts.promises.promise import Promise
from sparkproof.charts.values import Values, leaves
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from tests.support.rendering import CHART, CHARTS

OWN = Chart(CHART)
SWITCHES = ("gpu", "jupyter")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three values be changed, and two parts be off."""
    others: Mapping[Keys, Any] = {
        ("executor", "cores"): 3,
        ("executor", "cpuRequest"): "1234m",
        ("gpu", "mode"): "explainOnly",
        ("a", "enabled"): True,
    }
    monkeypatch.setattr(Effects, "others", others)

    def some(values: Any) -> Iterator[tuple[Keys, Any]]:
        return ((keys, value) for keys, value in leaves(values) if keys[0] in ("executor", *SWITCHES))

    monkeypatch.setattr(changes, "leaves", some)


def told(found: list[Case]) -> list[str]:
    return [changes._change(case) for case in found]


def test_each_value_is_changed_alone_and_those_of_gpus_where_they_are_on() -> None:
    found = Changes([Chart(CHARTS / "spark-3.5"), OWN]).values
    assert {case.chart for case in found} == {OWN}
    usual = ["executor.cores: 3", "executor.cpuRequest: 1234m", "gpu.mode: explainOnly"]
    assert told(found) == [*usual, "gpu.mode: explainOnly"]
    assert [case.effective["gpu"]["enabled"] for case in found] == [False, False, False, True]


def test_each_part_is_off_alone_and_of_each_two_one_the_other_or_both() -> None:
    found = told(Changes([OWN]).parts)
    notebooks, kept = "jupyter.enabled: False", "jupyter.persistence.enabled: False"
    assert found[:2] == [notebooks, kept]
    assert {*found[2:]} == {notebooks, kept, f"{notebooks}, {kept}"}


def test_a_part_is_off_with_what_the_charts_refuse_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_NEED", {"jupyter": "jupyter.persistence worker.autoscaling"})
    both = "jupyter.enabled: False, jupyter.persistence.enabled: False"
    assert both in told(Changes([OWN]).parts)[:2]


def test_promises_that_hold_are_counted_and_refused_changes_are_named(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_REFUSED_AT_MOST", 0.5)
    Changes([OWN]).must_keep_promises()
    assert record.level is Level.RENDERED
    assert record.proofs[0].seen == (
        f"{len(promises.every())} promises hold in 3 renderings with one value changed each, "
        f"and in {len(Changes([OWN]).parts)} without some parts"
    )
    assert b"executor.cpuRequest: 1234m: " in record.items[-1].content


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (
            lambda values: values["executor"]["cores"] == 3,
            "spark-4.1 with executor.cores: 3: that is so: broken is the promise that nothing is so",
        ),
        (
            lambda values: not values["jupyter"]["enabled"],
            "spark-4.1 with jupyter.enabled: False: that is so: broken is the promise that nothing is so",
        ),
    ],
    ids=["a value", "a part"],
)
def test_a_promise_that_one_change_breaks_is_the_cause(
    broken: Callable[[Values], bool], sentence: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_REFUSED_AT_MOST", 0.5)

    def breaches(view: View) -> Iterator[str]:
        if broken(view.values):
            yield "that is so"

    monkeypatch.setattr(
        promises, "every", lambda: [Promise("all is well", lambda _: iter(())), Promise("nothing is so", breaches)]
    )
    with pytest.raises(CheckFailed, match=sentence):
        Changes([OWN]).must_keep_promises()
    assert not record.proofs


def test_charts_that_refuse_what_users_change_keep_nothing(record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"Of 4 changes 1 are refused: executor\.cpuRequest: 1234m"):
        Changes([OWN]).must_keep_promises()
    with pytest.raises(CheckFailed, match="Of 0 changes 0 are refused"):
        Changes([]).must_keep_promises()
    assert not record.proofs


def test_charts_that_refuse_to_be_without_a_part_keep_nothing(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_REFUSED_AT_MOST", 0.5)
    monkeypatch.setattr(changes, "leaves", lambda values: leaves({"warehouse": values["warehouse"]}))
    monkeypatch.setattr(changes, "_NEED", {})
    with pytest.raises(CheckFailed, match=r"without some parts 2 are refused: warehouse\.enabled: False: .* hadoop"):
        Changes([OWN]).must_keep_promises()
    assert not record.proofs
