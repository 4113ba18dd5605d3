"""The databases of a platform's catalogs, one server for all: who opens which with which password."""

from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

# Calls the server at the address by which other pods have it: on its own one it could ask for less. The password is no
# argument, since arguments can be listed.
_OPEN = """
export PGPASSWORD=wrong
[[ ! $2 ]] || PGPASSWORD=$(< "/etc/sparkproof/databases/$2")
exec psql --no-psqlrc -qtAX --host "$1" --username "${2:-$3}" --dbname "$3" --command 'SELECT current_user'
"""


@dataclass(frozen=True)
class DatabaseEntry(evidence.Brought):
    """What came of opening a database with the password of a `user`, "" for a wrong one of its own user."""

    database: str
    user: str
    exit_code: int
    said: str

    @classmethod
    def try_open(cls, platform: Platform, database: str, user: str) -> "DatabaseEntry":
        """Open a database of the platform's server; a refusal is what comes of it."""
        own = platform.workloads
        address = own.pod("postgres")["status"]["podIP"]
        program = ["bash", "-c", _OPEN, "open", address, user, database]
        exit_code, said = run_to_end(own.place("postgres"), program, f"the opening of {database}", timeouts.TOOL)
        return cls(database, user, exit_code, " ".join(said.split()))

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
        password = f"the password of {self.user}" if self.user else "a wrong password"
        return f"Who opens the database {self.database} with {password}"
