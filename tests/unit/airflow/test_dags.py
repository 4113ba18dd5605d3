"""The example DAGs run when a criterion starts them and at no other time: a run too many would be taken for its own."""

import ast
from pathlib import Path

import pytest

from sparkproof.core import examples

DAGS = sorted((examples.FOLDER / "dags").glob("*.py"))


def faults(text: str) -> list[str]:
    """What starts runs of a DAG that nobody asked for, in sentences."""
    made = [
        each
        for each in ast.walk(ast.parse(text))
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id in ("dag", "DAG")
        and each.args
    ]
    found = []
    for call in made:
        given = {each.arg: ast.unparse(each.value) for each in call.keywords}
        if given.get("schedule") != "None":
            found.append(f"its schedule is {given.get('schedule', 'not said')}, so that it runs by itself")
        if given.get("catchup", "False") != "False":
            found.append("it catches up with what it missed")
    return found


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.stem)
def test_an_example_runs_when_it_is_started(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('@dag("sums", schedule="@hourly")\ndef sums(): ...', "its schedule is '@hourly', so that it runs by itself"),
        ('@dag("sums")\ndef sums(): ...', "its schedule is not said, so that it runs by itself"),
        ('@dag("sums", schedule=None, catchup=True)\ndef sums(): ...', "it catches up with what it missed"),
    ],
)
def test_an_example_that_runs_by_itself_is_found(line: str, fault: str) -> None:
    assert faults(f"from airflow.sdk import dag\n\n{line}\n") == [fault]
