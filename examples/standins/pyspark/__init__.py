"""Stands in for PySpark where a chart's own test is tried: answers as STANDIN_WORDS says."""

__version__ = "4.1.1"
