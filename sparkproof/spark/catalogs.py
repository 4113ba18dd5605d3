"""The catalogs of a platform by their kind, and names of tables in them that no other scenario uses."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# The kind that is meant where a phrase names none.
USUAL = "hadoop"
# The names that catalogs of the charts have in SQL, by their kind.
NAMES = MappingProxyType({USUAL: "lake", "hive": "hive", "rest": "rest", "jdbc": "jdbc"})


@dataclass(frozen=True)
class Catalogs:
    """The names in SQL of a platform's catalogs, by kind; the databases of scenarios begin with `prefix`."""

    names: Mapping[str, str] = field(default_factory=lambda: NAMES)
    prefix: str = "s_"

    def name(self, kind: str = USUAL) -> str:
        """Return the name in SQL of the catalog of this kind; without a usual one, the first stands for it."""
        usual = kind == USUAL and USUAL not in self.names
        return next(iter(self.names.values())) if usual else self.names[kind]

    def unused_table(self, table: str, kind: str = USUAL) -> str:
        """Return a full name, in the catalog of this kind, for a table that no other scenario uses."""
        return f"{self.name(kind)}.{self.prefix}{uuid.uuid4().hex[:8]}.{table}"
