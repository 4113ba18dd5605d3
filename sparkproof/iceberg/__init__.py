"""Iceberg tables: written, changed and read again, their files, their writers, and what they cost."""

from sparkproof.iceberg.table import Snapshot, Table, travel

__all__ = ["Snapshot", "Table", "travel"]
