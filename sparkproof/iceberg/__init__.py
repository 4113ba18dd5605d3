"""Iceberg tables: reading, writing and changing them, their files, concurrent writers, and storage overhead."""

from sparkproof.iceberg.table import Snapshot, Table, travel

__all__ = ["Snapshot", "Table", "travel"]
