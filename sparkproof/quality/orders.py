"""Orders, the data of criteria about rules: a made-up table that keeps them, and rows that break one."""

from collections.abc import Iterable, Mapping

from sparkproof.iceberg import Table
from sparkproof.spark.session import Session

# Each column as an expression of the order's number; the rules are in examples/quality/orders.json.
_COLUMNS: Mapping[str, str] = {
    "id": "id",
    "customer": "concat('customer-', id % 97)",
    "email": "concat('someone-', id % 97, '@example.org')",
    "status": "element_at(array('open', 'paid', 'sent'), 1 + int(id % 3))",
    "amount": "CAST(20 + id % 400 AS double)",
    "ordered_at": "TIMESTAMP '2026-01-01 08:00:00' + make_dt_interval(0, 0, int(id), 0)",
    "shipped_at": "TIMESTAMP '2026-01-03 08:00:00' + make_dt_interval(0, 0, int(id), 0)",
}


def create(session: Session, name: str, count: int, planted: Mapping[str, str] = {}) -> Table:
    """Create a table of this many orders, numbered from 1, that keeps the rules but for its `planted` columns.

    These have other expressions, by name ({"amount": "float(id)"}), and so can have another type.
    """
    return Table.create_from(session, name, query(1, count, planted), files=2)


def add(table: Table, number: int, column: str, value: str) -> None:
    """Add one order whose `column` has another value, SQL of its type."""
    table.append_from(query(number, number, {column: value}))


def add_each(table: Table, rows: Iterable[Mapping[str, str]]) -> None:
    """Add an order for each of these rows in one commit: its number `order`, and one `column` with another `value`."""
    queries = [query(int(row["order"]), int(row["order"]), {row["column"]: row["value"]}) for row in rows]
    table.append_from(" UNION ALL ".join(queries))


def query(first: int, last: int, planted: Mapping[str, str] = {}) -> str:
    """Return the query for the orders of these numbers, whose `planted` columns have other expressions."""
    chosen = ", ".join(f"{sql} AS {column}" for column, sql in {**_COLUMNS, **planted}.items())
    return f"SELECT {chosen} FROM range({first}, {last + 1})"
