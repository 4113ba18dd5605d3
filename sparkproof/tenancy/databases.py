"""The databases of a platform's catalogs, one server for all: who opens which with which password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

# Calls the server at the address by which other pods have it: on its own one it could ask for less. A password that is
# valid is no argument, since arguments can be listed.
_OPEN = """
export PGPASSWORD=${4:-wrong}
[[ ! $2 ]] || PGPASSWORD=$(< "/etc/sparkproof/databases/$2")
exec psql --no-psqlrc -qtAX --host "$1" --username "${2:-$3}" --dbname "$3" --command 'SELECT current_user'
"""
_OPENS_NO_OTHER = "permission denied for database"


@dataclass(frozen=True)
class DatabaseEntry(evidence.Brought):
    """What came of opening a database with the password of a `user`, "" for a wrong one of its own user.

    `kind` says of the wrong one what it is.
    """

    database: str
    user: str
    exit_code: int
    said: str
    kind: str = "a wrong password"

    @classmethod
    def try_open(cls, platform: Platform, database: str, user: str, former: str = "") -> "DatabaseEntry":
        """Open a database of the platform's server; a refusal is what comes of it.

        A `former` password of the database's own user may be given as the wrong one.
        """
        own = platform.workloads
        address = own.pod("postgres")["status"]["podIP"]
        program = ["bash", "-c", _OPEN, "open", address, user, database, former]
        exit_code, said = run_to_end(own.place("postgres"), program, f"the opening of {database}", timeouts.TOOL)
        kind = "its password of before" if former else cls.kind
        return cls(database, user, exit_code, " ".join(said.split()), kind)

    @property
    def trouble(self) -> str | None:
        """The server's refusal."""
        return f"{self} was refused: {self.said}" if self.exit_code else None

    @property
    def to_read(self) -> str | None:
        """The database was opened."""
        return f"{self} was let in as {self.said}"

    def must_be_let_in(self) -> None:
        """Check that the server let in just the user of the password."""
        evidence.look_at(self)
        if self.exit_code or self.said != self.user:
            raise CheckFailed(f"{self} was not let in as {self.user or 'anybody'}: {self.said or 'it said nothing'}")
        evidence.prove(Level.EXECUTED, f"{self} was let in")

    def must_be_refused(self, reason: str) -> None:
        """Check that the server let nobody in, for this reason."""
        evidence.look_at(self)
        if not self.exit_code:
            raise CheckFailed(f"{self} was let in as {self.said}, and had to be refused because of {reason!r}.")
        if reason not in self.said:
            raise CheckFailed(f"{self} was refused, but not because of {reason!r}: {self.said}")
        evidence.prove(Level.EXECUTED, f"{self} was refused: {self.said}")

    def __str__(self) -> str:
        password = f"the password of {self.user}" if self.user else self.kind
        return f"Who opens the database {self.database} with {password}"


def try_each(platform: Platform) -> list[DatabaseEntry]:
    """Open each database of a platform's server with the password of each; raises CheckFailed where it has one only."""
    place = platform.workloads.place("postgres")
    _, listed = run_to_end(place, ["ls", "/etc/sparkproof/databases"], "the databases", timeouts.TOOL)
    names = listed.split()
    if len(names) < 2:
        raise CheckFailed(f"The platform has no two databases, of which one could be closed to the other: {names}.")
    return [DatabaseEntry.try_open(platform, database, user) for database in names for user in names]


def must_open_own_only(entries: Sequence[DatabaseEntry]) -> None:
    """Check that each password opened the database of its user, and that every other database refused it."""
    for entry in entries:
        if entry.user == entry.database:
            entry.must_be_let_in()
        else:
            entry.must_be_refused(_OPENS_NO_OTHER)


def must_refuse(platform: Platform, former: Mapping[str, str]) -> None:
    """Check that each database refuses its own user with the `former` password, {database: password}.

    Raises CheckFailed with the first that lets somebody in, and where there is no database.
    """
    for database, password in former.items():
        DatabaseEntry.try_open(platform, database, "", password).must_be_refused("password authentication failed")
    if not former:
        raise CheckFailed("The platform has no databases that could refuse a password.")
