"""Deliberate faults of a platform that moves to the next series of Spark in place, and the criteria that must fail."""

from tests.support.sabotages import Sabotage

_THERE = "A platform that moves from Spark 3.5.8 to 4.1.1 in place keeps the tables of every catalog"
_BACK = "A platform that moves from Spark 4.1.1 to 3.5.8 in place keeps the tables of every catalog"

OF_MOVES = [
    Sabotage(
        "the chart of the next series wants another volume",
        "charts/spark-4.1/presets/small-values.yaml",
        r"warehouse:\n  size: 1Gi",
        "warehouse:\n  size: 2Gi",
        _THERE,
        "spark-warehouse",
    ),
    Sabotage(
        "a platform keeps the chart of its series whatever its version",
        "sparkproof/platform/spec.py",
        r"\.name\.replace\(had, has\)",
        ".name",
        _THERE,
        "4.1.1",
    ),
    Sabotage(
        "the chart of the series before looks for tables elsewhere",
        "charts/spark-3.5/charts/spark-common/templates/_iceberg.tpl",
        r"warehouse: file:///warehouse\n",
        "warehouse: file:///warehouse/before\n",
        _BACK,
        "TABLE_OR_VIEW_NOT_FOUND",
    ),
]
