"""A table's files where they are stored, those that the table does not refer to included."""

from collections.abc import Mapping

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table, fingerprint, url_of


def location(table: Table) -> str:
    """Return the path of the table's folder; for catalogs that store tables on a volume."""
    return url_of(table).removeprefix("file:")


def stored(table: Table) -> Mapping[str, tuple[int, int]]:
    """Return the number of files and their bytes by folder of the table ("data", "metadata"), as they lie there."""
    # Hadoop, by which Spark reads files, has this name for an object store.
    root = url_of(table).replace("s3://", "s3a://", 1)
    table.session.run(
        f"CREATE OR REPLACE TEMPORARY VIEW stored USING binaryFile OPTIONS (path '{root}', recursiveFileLookup 'true')"
    )
    folder = f"substring_index(substr(path, length('{root}/') + 1), '/', 1)"
    found = table.session.run(f"SELECT {folder}, count(*), sum(length) FROM stored GROUP BY 1")
    return {name: (files, size) for name, files, size in found.rows}


def copying(table: Table, query: str = "") -> str:
    """Return the statement that writes the rows of the table or the query as plain Parquet into the table's folder."""
    return (
        f"INSERT OVERWRITE DIRECTORY 'file:{location(table)}/plain' USING parquet OPTIONS (compression 'zstd') "
        f"SELECT /*+ REPARTITION(1) */ * FROM {f'({query})' if query else table.name}"
    )


def plain_copy(table: Table) -> str:
    """Return the SQL name of the plain Parquet in the table's folder."""
    return f"parquet.`file:{location(table)}/plain`"


def must_be_copied(table: Table, query: str) -> None:
    """Check that the plain Parquet has the rows of the query, by their number and the sum of their hashes."""
    given, copied = (table.session.run(fingerprint(source)).rows[0][1:] for source in (f"({query})", plain_copy(table)))
    if not given[0]:
        raise CheckFailed(f"{query!r} gives no rows, so there is nothing that a copy could have.")
    if copied != given:
        raise CheckFailed(f"The copy has {copied[0]} rows with the hash sum {copied[1]}; {query!r} gives {given}.")
    evidence.prove(Level.EXECUTED, f"The copy has the {given[0]} rows that {query} gives")


def must_take_less(table: Table, *, than: Mapping[str, tuple[int, int]]) -> None:
    """Check that the table's data takes less storage than before."""
    (files, size), (files_before, size_before) = stored(table)["data"], than["data"]
    if size >= size_before:
        raise CheckFailed(
            f"The data takes {size} bytes in {files} files; before it took {size_before} in {files_before}."
        )
    evidence.prove(Level.EXECUTED, f"{size} bytes in {files} files instead of {size_before} in {files_before}")
