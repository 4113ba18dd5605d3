"""A promise has to hold whatever value users change: one that does not is named, with the value."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sparkproof.charts import changes, promises
from sparkproof.charts.changes import Changes
from sparkproof.charts.chart import Chart
from sparkproof.charts.coverage import Effects, Keys
from sparkproof.charts.promises import View
from sparkproof.charts.promises.promise import Promise
from sparkproof.charts.values import leaves
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from tests.support.rendering import CHART, CHARTS

OWN = Chart(CHART)
SWITCHES = ("gpu", "jupyter")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two values be changed, and two parts be off."""
    others: Mapping[Keys, Any] = {("executor", "cores"): 3, ("executor", "cpuRequest"): "1234m", ("a", "enabled"): True}
    monkeypatch.setattr(Effects, "others", others)

    def some(values: Any) -> Iterator[tuple[Keys, Any]]:
        return ((keys, value) for keys, value in leaves(values) if keys[0] in ("executor", *SWITCHES))

    monkeypatch.setattr(changes, "leaves", some)


def breaks(value: int) -> Promise:
    def breaches(view: View) -> Iterator[str]:
        if view.values["executor"]["cores"] == value:
            yield f"executors have {value} cores"

    return Promise("executors are small", breaches)


def test_each_value_and_each_part_is_changed_alone() -> None:
    found = Changes([Chart(CHARTS / "spark-3.5"), OWN]).cases
    assert {case.chart for case in found} == {OWN}
    told = [changes._change(case) for case in found]
    assert told == [
        "executor.cores: 3",
        "executor.cpuRequest: 1234m",
        "jupyter.enabled: False",
        "jupyter.persistence.enabled: False",
    ]


def test_promises_that_hold_are_counted_and_refused_changes_are_named(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_REFUSED_AT_MOST", 0.5)
    Changes([OWN]).must_keep_promises()
    assert record.level is Level.RENDERED
    assert record.proofs[0].seen == f"{len(promises.every())} promises hold in 3 renderings with one change each"
    assert b"executor.cpuRequest: 1234m: " in record.items[-1].content


def test_a_promise_that_one_change_breaks_is_the_cause(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "every", lambda: [breaks(7), breaks(3)])
    sentence = (
        "spark-4.1 with executor.cores: 3: executors have 3 cores: broken is the promise that executors are small"
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
