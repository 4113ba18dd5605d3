"""The names of catalogs in SQL, and of tables that no other scenario uses."""

import uuid

# The names that catalogs have in SQL, by their kind.
CATALOGS = {"hadoop": "lake", "hive": "hive", "rest": "rest", "jdbc": "jdbc"}


def unused_table(table: str, kind: str = "hadoop") -> str:
    """Return a full name, in the catalog of this kind, for a table that no other scenario uses."""
    return f"{CATALOGS[kind]}.s_{uuid.uuid4().hex[:8]}.{table}"
