"""The storage overhead of an Iceberg table against a plain Parquet file of the same rows, and the time to read both."""

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
    """Bytes of a table's data, its metadata, and plain Parquet of the same rows; median seconds to read each."""

    data: int
    metadata: int
    plain: int
    table_s: float
    plain_s: float

    @classmethod
    def measure(cls, table: Table, query: str) -> "StorageOverhead":
        """Write the rows of the query that made the table into one plain Parquet file too, and read both in turn."""
        table.session.run(copying(table, query))
        seconds: dict[str, list[float]] = {table.name: [], plain_copy(table): []}
        for source in [*seconds] * _ROUNDS:
            read = table.session.run(f"SELECT zone, sum(fare), avg(distance), count(tip) FROM {source} GROUP BY zone")
            seconds[source].append(read.seconds)
        sizes = {name: size for name, (_, size) in stored(table).items()}
        return cls(sizes["data"], sizes["metadata"], sizes["plain"], *map(statistics.median, seconds.values()))

    @property
    def metadata_percent(self) -> float:
        """The size of the metadata in percent of the data."""
        return 100 * self.metadata / self.data

    @property
    def more_than_plain_percent(self) -> float:
        """The additional storage of the table in percent of the plain Parquet."""
        return 100 * (self.data + self.metadata - self.plain) / self.plain

    def must_have_metadata_of_at_most(self, percent: float) -> None:
        """Check the size of the metadata in percent of the data."""
        if self.metadata_percent > percent:
            raise CheckFailed(f"Metadata takes {self.metadata_percent:.2f} % of the data: {asdict(self)}.")
        evidence.prove(Level.EXECUTED, f"Metadata takes {self.metadata_percent:.2f} % of the data", bytes=asdict(self))

    def must_take_at_most(self, percent: float) -> None:
        """Check the additional storage; the time to read is recorded and not checked."""
        if self.more_than_plain_percent > percent:
            raise CheckFailed(
                f"The table takes {self.more_than_plain_percent:.2f} % more storage than plain Parquet: {asdict(self)}."
            )
        evidence.measured(
            "a table's storage more than Parquet's", self.more_than_plain_percent, "%", f"at most {percent:g} %"
        )
        evidence.prove(
            Level.EXECUTED,
            f"The table takes {self.more_than_plain_percent:.2f} % more storage than plain Parquet "
            f"and {self.table_s / self.plain_s:.2f} times as long to read",
        )
