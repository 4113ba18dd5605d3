"""Faults are tried together only where the criterion of one cannot see another one's."""

from tests.sabotage.batches import batches, name
from tests.support.every_sabotage import EVERY
from tests.support.sabotages import Sabotage


def row(name: str, file: str, criterion: str) -> Sabotage:
    return Sabotage(name, file, "a", "b", criterion, "cause")


def names(*rows: Sabotage) -> list[str]:
    return [name(batch) for batch in batches(rows)]


def test_faults_of_different_dags_and_criteria_go_together() -> None:
    assert names(row("1", "examples/dags/a.py", "A"), row("2", "examples/dags/b.py", "B")) == ["1 + 2"]


def test_faults_of_one_file_or_of_one_criterion_do_not() -> None:
    assert names(row("1", "examples/dags/a.py", "A"), row("2", "examples/dags/a.py", "B")) == ["1", "2"]
    assert names(row("1", "examples/dags/a.py", "A"), row("2", "examples/dags/b.py", "A")) == ["1", "2"]


def test_an_application_and_the_dag_that_submits_it_are_one_thing() -> None:
    submitted = row("1", "examples/dags/submitted-application.py", "A")
    assert names(submitted, row("2", "examples/applications/orders.py", "B")) == ["1", "2"]


def test_what_other_criteria_read_is_tried_alone() -> None:
    chart = row("1", "charts/spark-common/templates/_airflow.tpl", "A")
    code = row("2", "sparkproof/airflow/runs.py", "B")
    assert names(chart, code, row("3", "examples/dags/a.py", "C")) == ["1", "2", "3"]


def test_each_row_is_in_one_batch() -> None:
    assert sorted(each.name for batch in batches(EVERY) for each in batch) == sorted(each.name for each in EVERY)
