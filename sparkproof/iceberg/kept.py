"""Tables with the same rows, one in each catalog of a platform, which have to outlive what happens to the platform."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table, with_settings
from sparkproof.spark import trips
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row


@dataclass(frozen=True)
class KeptTables:
    """The tables, by the kind of their catalogs in the platform's order."""

    tables: Sequence[Table]

    @classmethod
    def create(cls, platform: Platform, rows: Sequence[Row]) -> "KeptTables":
        """Create a table of these taxi trips in each of the platform's catalogs."""
        session = platform.open_session()
        names = [platform.catalogs.unused_table("trips", kind) for kind in platform.catalogs.names]
        tables = [Table.create(session, name, trips.COLUMNS) for name in names]
        for table in tables:
            table.append(rows)
        return cls(tables)

    def must_refuse(self, platform: Platform, access_key: str, secret: str, reason: str) -> None:
        """Check that who uses this key for the object store is refused a table that the platform's own key reads.

        It is the table of the REST catalog, which lies in the store, read through a catalog of its own.
        """
        table = next(each for each in self.tables if each.catalog == platform.catalogs.name("rest"))
        seen = table.seen_by(platform.open_session())
        with_settings(seen, {}).read().must_hold(seen.session.run(f"SELECT * FROM {seen.name}").rows)
        seen.read_with(access_key, secret).must_be_refused(reason)

    def must_hold(self, platform: Platform, rows: Sequence[Row]) -> None:
        """Check that a new session finds just these rows in each table, and each at its one snapshot."""
        session = platform.open_session()
        for own in self.tables:
            table = own.seen_by(session)
            table.must_hold(rows)
            table.must_be_unchanged()
        if not self.tables:
            raise CheckFailed("The platform has no catalogs, so no table was kept.")
        evidence.prove(Level.EXECUTED, f"Kept as they were: {', '.join(table.name for table in self.tables)}")
