"""A DAG's file that is changed or taken away, and what Airflow makes of it."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.published import Publication
from sparkproof.airflow.runs import AirflowReply, DagRun, Task
from sparkproof.core import examples
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from tests.support.recorded import RecordedKube, RecordedPlatform, pod


class Seen:
    """Airflow whose runs hand on this value, and that answers with this status who starts one."""

    def __init__(self, value: Any = 3, status: int = 200) -> None:
        self.value, self.status = value, status

    def run(self, dag: str, table: str) -> DagRun:
        assert (dag, table) == ("price list", "")
        return DagRun(dag, "r1", "success", {"price": Task("price", "success", 1, self.value, [])}, table)

    def try_start(self, dag: str) -> AirflowReply:
        assert dag == "price list"
        return AirflowReply(f"a start of {dag}", self.status, "DAG not found")


def published(airflow: Seen | None = None) -> tuple[Publication, list[Mapping[str, str]]]:
    kept: list[Mapping[str, str]] = []

    def publish(name: str, files: Mapping[str, str]) -> None:
        assert name == "dags"
        kept.append(files)

    return Publication(cast(Airflow, airflow or Seen()), publish, "dags", "price list"), kept


def test_one_file_is_changed_taken_away_and_put_back() -> None:
    publication, kept = published()
    publication.change("PRICE = 3", "PRICE = 5")
    publication.withdraw()
    publication.restore()
    changed, without, restored = kept
    assert "PRICE = 5" in changed["price-list.py"]
    assert {name for name in restored if restored[name] != changed[name]} == {"price-list.py"}
    assert restored.keys() - without.keys() == {"price-list.py"}
    assert restored == examples.dags()


def test_a_change_of_nothing_is_refused() -> None:
    publication, kept = published()
    with pytest.raises(CheckFailed, match="does not have 'PRICE = 4' once"):
        publication.change("PRICE = 4", "PRICE = 5")
    assert not kept


@pytest.mark.usefixtures("one_look")
def test_only_the_new_value_is_a_change_that_was_seen(record: Record) -> None:
    published(Seen(5))[0].must_hand_on("price", 5)
    assert len(record.proofs) == 1
    with pytest.raises(GaveUp, match="whose price hands on 5"):
        published(Seen(3))[0].must_hand_on("price", 5)
    assert len(record.proofs) == 1


@pytest.mark.usefixtures("one_look")
def test_only_a_dag_that_is_not_found_is_gone(record: Record) -> None:
    published(Seen(status=404))[0].must_be_unknown()
    assert len(record.proofs) == 1
    with pytest.raises(GaveUp, match="refusal to start price list"):
        published(Seen(status=200))[0].must_be_unknown()
    for status in (400, 403):
        with pytest.raises(CheckFailed, match="Airflow did not refuse a start of price list"):
            published(Seen(status=status))[0].must_be_unknown()
    assert len(record.proofs) == 1


def test_the_files_are_published_where_airflow_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [{"configMap": {"name": name}} for name in ("spark-airflow", "of-the-team")]
    airflow = pod("airflow-0", "airflow", spec={"volumes": [{"name": "dags", "projected": {"sources": sources}}]})
    monkeypatch.setattr(Airflow, "of", lambda _: Seen())
    found = Publication.of(RecordedPlatform(RecordedKube(airflow)), lambda *_: None, "price list")
    assert found.where == "of-the-team"
