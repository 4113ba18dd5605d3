"""A table's files as they lie on a volume, whether the table knows of them or not."""

from collections.abc import Mapping

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table, fingerprint


def location(table: Table) -> str:
    """The folder of the table's files, as a path: for catalogs that keep them on a volume."""
    found = table.session.run(f"SELECT max(file) FROM {table.name}.metadata_log_entries").rows[0][0]
    return str(found).removeprefix("file:").rpartition("/metadata/")[0]


def stored(table: Table) -> Mapping[str, tuple[int, int]]:
    """How many files lie in each folder of the table ("data", "metadata"), and their bytes; seen on the volume."""
    table.session.run(
        "CREATE OR REPLACE TEMPORARY VIEW stored USING binaryFile "
        f"OPTIONS (path 'file:{location(table)}', recursiveFileLookup 'true')"
    )
    folder = f"substring_index(substr(path, length('file:{location(table)}/') + 1), '/', 1)"
    found = table.session.run(f"SELECT {folder}, count(*), sum(length) FROM stored GROUP BY 1")
    return {name: (files, size) for name, files, size in found.rows}


def copying(table: Table, query: str = "") -> str:
    """The statement that writes the table's rows, or those of the query, as plain Parquet beside its own files."""
    return (
        f"INSERT OVERWRITE DIRECTORY 'file:{location(table)}/plain' USING parquet OPTIONS (compression 'zstd') "
        f"SELECT /*+ REPARTITION(1) */ * FROM {f'({query})' if query else table.name}"
    )


def plain_copy(table: Table) -> str:
    """The plain Parquet beside the table's own files, by a name that SQL reads."""
    return f"parquet.`file:{location(table)}/plain`"


def must_be_copied(table: Table, query: str) -> None:
    """Check that the plain Parquet has the rows that the query gives, by their number and the sum of their hashes."""
    given, copied = (table.session.run(fingerprint(source)).rows[0][1:] for source in (f"({query})", plain_copy(table)))
    if copied != given:
        raise CheckFailed(f"The copy has {copied[0]} rows that sum up to {copied[1]}; {query!r} gives {given}.")
    evidence.prove(Level.EXECUTED, f"The copy has the {given[0]} rows that {query} gives")


def must_take_less(table: Table, *, than: Mapping[str, tuple[int, int]]) -> None:
    """Check that the table's data takes less room on the volume than it did."""
    (files, size), (files_before, size_before) = stored(table)["data"], than["data"]
    if size >= size_before:
        raise CheckFailed(f"The data takes {size} bytes in {files} files; it was {size_before} in {files_before}.")
    evidence.prove(Level.EXECUTED, f"{size} bytes in {files} files instead of {size_before} in {files_before}")
