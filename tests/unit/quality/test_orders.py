"""Orders: an order that is added differs in what breaks a rule, and in nothing else."""

from sparkproof.quality import orders


def test_an_added_order_differs_in_one_column() -> None:
    plain, planted = orders._query(7, 7), orders._query(7, 7, {"amount": "double('-1')"})
    assert planted == plain.replace("CAST(20 + id % 400 AS double) AS amount", "double('-1') AS amount")
    assert plain.endswith("FROM range(7, 8)")
