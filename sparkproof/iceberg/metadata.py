"""The tables in which an Iceberg table tells of itself: snapshots, files, manifests and more."""

from collections.abc import Sequence

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table
from sparkproof.spark.session import Answer


def ask(table: Table, name: str) -> Answer:
    """All that the metadata table of this name has; a refusal is an answer."""
    return table.session.sql(f"SELECT * FROM {table.name}.{name}")


def must_say(table: Table, sayings: Sequence[tuple[str, str, str]]) -> None:
    """Check what metadata tables answer ((metadata table, expression, its value as text))."""
    asked = " UNION ALL ".join(
        f"SELECT {number}, CAST({question} AS string) FROM {table.name}.{name}"
        for number, (name, question, _) in enumerate(sayings)
    )
    answers: dict[int, str] = dict(table.session.run(asked).rows)
    for number, (name, question, expected) in enumerate(sayings):
        if answers[number] != expected:
            raise CheckFailed(f"{question} of {table.name}.{name} is {answers[number]}, not {expected}.")
    evidence.prove(Level.EXECUTED, f"{len(sayings)} metadata tables say what was done", sayings=sayings)
