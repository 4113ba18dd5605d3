#!/usr/bin/env python3
"""Names the tables of a catalog that break the rules of governance: an owner, a class for each column, a retention.

A table says so in its properties:
  governance.owner = 'rides'                          the team that answers for it
  governance.classification.COLUMN = 'personal'       public, internal, confidential or personal
  governance.retention = '30 days' (or 'forever')     how long a row stays
  governance.retention-column = 'since'               the column by which a row's age is known
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CLASSES = ("public", "internal", "confidential", "personal")
PREFIX = "governance."
CLASS = f"{PREFIX}classification."
FOREVER = "forever"
# Spark shows no value of a property that is named so (spark.redaction.regex), and a column may be named so.
HIDDEN = re.compile(r"(?i)secret|password|token|access\.?key")
REDACTED = "*********(redacted)"
# Spark's words for a table that somebody dropped since it was listed.
GONE = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND")

Finding = Mapping[str, str]


def scan(spark: Any, scope: str) -> Iterator[Finding]:
    """Yield what is wrong with each Iceberg table of a catalog ("rest") or of one of its databases ("rest.rides")."""
    for name in tables(spark, scope):
        try:
            yield from ({"table": name, **found} for found in judge(spark, name))
        except Exception as refused:
            words = str(refused).strip() or type(refused).__name__
            if not any(gone in words for gone in GONE):
                yield {"table": name, "rule": "cannot be read", "about": words.splitlines()[0]}


def tables(spark: Any, scope: str) -> Iterator[str]:
    """Yield the names of all tables of a catalog or database, of those in nested databases too."""
    catalog, _, database = scope.partition(".")
    if database:
        for row in spark.sql(f"SHOW TABLES IN {quoted(scope)}").collect():
            yield f"{scope}.{row.tableName}"
    for row in spark.sql(f"SHOW NAMESPACES IN {quoted(scope)}").collect():
        # Hive's catalog has no databases within databases, and lists all of them each time.
        if row.namespace.startswith(f"{database}." if database else ""):
            yield from tables(spark, f"{catalog}.{row.namespace}")


def judge(spark: Any, name: str) -> Iterator[Finding]:
    """Yield each rule that the table breaks, with what it is about: a column, a value, a number of rows or files."""
    found = spark.sql(f"SHOW TBLPROPERTIES {quoted(name)}").collect()
    properties = {row.key.removeprefix(PREFIX): row.value for row in found if row.key.startswith(PREFIX)}
    columns = spark.table(quoted(name)).columns
    if not properties.get("owner", "").strip():
        yield {"rule": "no owner", "about": "governance.owner"}
    known = {row.key.removeprefix(CLASS): row.value for row in found if row.key.startswith(CLASS)}
    for column in columns:
        if column not in known:
            yield {"rule": "unclassified column", "about": column}
        elif known[column] not in CLASSES and not (known[column] == REDACTED and HIDDEN.search(column)):
            yield {"rule": "unknown class", "about": f"{column}: {known[column]}"}
    for column in known.keys() - set(columns):
        yield {"rule": "class of no column", "about": column}
    yield from _expired(spark, name, columns, properties)


def _expired(spark: Any, name: str, columns: Sequence[str], properties: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a retention that cannot be kept, rows that are over it, and files that still have such rows."""
    retention, column = properties.get("retention", ""), properties.get("retention-column", "")
    if retention == FOREVER:
        return
    if not re.fullmatch(r"[1-9]\d* days?", retention):
        yield {"rule": "no retention", "about": retention or "governance.retention"}
        return
    if column not in columns:
        yield {"rule": "no retention", "about": f"by the column {column or '(none)'}"}
        return
    limit = f"(current_timestamp() - INTERVAL {retention.split()[0]} DAYS)"
    (rows,) = spark.sql(f"SELECT count(*) FROM {quoted(name)} WHERE `{column}` < {limit}").first()
    if rows:
        yield {"rule": "expired rows", "about": str(rows)}
    # The files of every snapshot and branch. One without bounds counts, unless all its values are missing.
    metrics = f"readable_metrics.`{column}`"
    old = f"{metrics}.lower_bound < {limit}"
    unknown = f"{metrics}.lower_bound IS NULL AND coalesce({metrics}.null_value_count < {metrics}.value_count, true)"
    (files,) = spark.sql(
        f"SELECT count(DISTINCT file_path) FROM {quoted(name)}.all_data_files WHERE {old} OR {unknown}"
    ).first()
    if files:
        yield {"rule": "files with expired rows", "about": str(files)}


def quoted(name: str) -> str:
    """Return a name of several parts as SQL takes it, whatever characters it has."""
    return ".".join(f"`{part}`" for part in name.split("."))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the findings; return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scope", help="a catalog, or a database of one: rest, or rest.rides")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    given = parser.parse_args(arguments)

    from pyspark.sql import SparkSession

    found = list(scan(SparkSession.builder.getOrCreate(), given.scope))
    if given.output == "json":
        print(json.dumps(found))
    else:
        print("\n".join(f"{each['table']}: {each['rule']} ({each['about']})" for each in found) or "No findings.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
