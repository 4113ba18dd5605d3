"""Orders: an order that is added differs in what breaks a rule, and in nothing else."""

import pytest

from sparkproof.quality import orders
from tests.support import recorded

ROWS = [{"order": "4", "column": "id", "value": "NULL"}, {"order": "5", "column": "amount", "value": "9999"}]


def test_an_added_order_differs_in_one_column() -> None:
    plain, planted = orders.query(7, 7), orders.query(7, 7, {"amount": "double('-1')"})
    assert planted == plain.replace("CAST(20 + id % 400 AS double) AS amount", "double('-1') AS amount")
    assert plain.endswith("FROM range(7, 8)")


def test_the_orders_of_a_table_differ_in_a_planted_column(monkeypatch: pytest.MonkeyPatch) -> None:
    table = orders.create(recorded.session(), "lake.s.orders", 3, {"amount": "float(id)"})
    said: list[str] = []
    monkeypatch.setattr(type(table), "append_from", lambda _, query: said.append(query))
    orders.add_each(table, ROWS)
    (query,) = said
    first, second = query.split(" UNION ALL ")
    assert first == orders.query(4, 4, {"id": "NULL"})
    assert second == orders.query(5, 5, {"amount": "9999"})
