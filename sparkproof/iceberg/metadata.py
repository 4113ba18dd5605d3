"""The metadata tables of an Iceberg table: snapshots, files, manifests and more."""

from collections.abc import Sequence

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table
from sparkproof.spark.session import Answer


def ask(table: Table, name: str) -> Answer:
    """Read the metadata table of this name; a refusal is returned as an answer."""
    return table.session.sql(f"SELECT * FROM {table.name}.{name}")


def must_contain(table: Table, facts: Sequence[tuple[str, str, str]]) -> None:
    """Check values in metadata tables; each fact is (metadata table, expression, its value as text)."""
    if not facts:
        raise CheckFailed(f"No value of a metadata table of {table.name} is named, so nothing was asked.")
    query = " UNION ALL ".join(
        f"SELECT {number}, CAST({expression} AS string) FROM {table.name}.{name}"
        for number, (name, expression, _) in enumerate(facts)
    )
    values: dict[int, str] = dict(table.session.run(query).rows)
    for number, (name, expression, expected) in enumerate(facts):
        if (found := values.get(number)) != expected:
            raise CheckFailed(f"{expression} of {table.name}.{name} is {found}, not {expected}.")
    evidence.prove(Level.EXECUTED, f"{len(facts)} values in metadata tables are as expected", facts=facts)
