"""What an Iceberg table costs beside plain Parquet files of the same rows: room, and time to read them."""

import statistics
from dataclasses import asdict, dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.storage import copying, plain_copy, stored
from sparkproof.iceberg.table import Table

_ROUNDS = 5


@dataclass(frozen=True)
class StorageOverhead:
    """Bytes of a table's data and metadata, and of plain Parquet with the same rows; median seconds to read either."""

    data: int
    metadata: int
    plain: int
    table_s: float
    plain_s: float

    @classmethod
    def measure(cls, table: Table, query: str) -> "StorageOverhead":
        """Write the rows of the query, which made the table, into one plain Parquet file too; read both by turns."""
        table.session.run(copying(table, query))
        seconds: dict[str, list[float]] = {table.name: [], plain_copy(table): []}
        for source in [*seconds] * _ROUNDS:
            read = table.session.run(f"SELECT zone, sum(fare), avg(distance), count(tip) FROM {source} GROUP BY zone")
            seconds[source].append(read.seconds)
        sizes = {name: size for name, (_, size) in stored(table).items()}
        return cls(sizes["data"], sizes["metadata"], sizes["plain"], *map(statistics.median, seconds.values()))

    @property
    def metadata_percent(self) -> float:
        """The metadata's bytes in percent of the data's."""
        return 100 * self.metadata / self.data

    @property
    def more_than_plain_percent(self) -> float:
        """How much more room the table takes than plain Parquet, in percent of the latter."""
        return 100 * (self.data + self.metadata - self.plain) / self.plain

    def must_have_metadata_of_at_most(self, percent: float) -> None:
        """Check the share of the metadata."""
        if self.metadata_percent > percent:
            raise CheckFailed(f"Metadata takes {self.metadata_percent:.2f} % of the data: {asdict(self)}.")
        evidence.prove(Level.EXECUTED, f"Metadata takes {self.metadata_percent:.2f} % of the data", bytes=asdict(self))

    def must_take_at_most(self, percent: float) -> None:
        """Check how much more room the table takes; how long both take to read is shown, and not judged."""
        if self.more_than_plain_percent > percent:
            raise CheckFailed(
                f"The table takes {self.more_than_plain_percent:.2f} % more room than plain Parquet: {asdict(self)}."
            )
        evidence.prove(
            Level.EXECUTED,
            f"The table takes {self.more_than_plain_percent:.2f} % more room than plain Parquet "
            f"and {self.table_s / self.plain_s:.2f} times as long to read",
        )
