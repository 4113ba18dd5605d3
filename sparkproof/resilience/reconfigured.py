"""Disturbances in which somebody changes the settings of a component by hand, before or after it has read them."""

from dataclasses import dataclass

from sparkproof.core.errors import CheckFailed
from sparkproof.spark import settings_file
from sparkproof.spark.workloads import Workloads

_ADDRESS = "spark.sql.catalog.rest.uri="
# No name server knows a name that ends so (RFC 6761).
_NOWHERE = "http://catalog.invalid:8181"


@dataclass
class Reconfigured:
    """The address of the REST catalog among a component's settings is another one, and it has not read that yet."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0
    _had: str = ""

    def begin(self) -> None:
        lines = settings_file.read(self.workloads, self.component).splitlines(keepends=True)
        changed = [f"{_ADDRESS}{_NOWHERE}\n" if line.startswith(_ADDRESS) else line for line in lines]
        if changed == lines:
            raise CheckFailed(f"The settings of the {self.component} have no address of a REST catalog to change.")
        self._had = "".join(lines)
        self._write("".join(changed))

    @property
    def is_over(self) -> bool:
        """True if somebody has changed the settings back."""
        return _NOWHERE not in settings_file.read(self.workloads, self.component)

    def end(self) -> None:
        if self._had:
            self._write(self._had)
        self._had = ""

    def _write(self, settings: str) -> None:
        settings_file.write(self.workloads, self.component, settings)


@dataclass
class ReconfiguredAndRestarted(Reconfigured):
    """The address of the REST catalog among a component's settings is another one, and it has started with that."""

    def begin(self) -> None:
        super().begin()
        self.workloads.restart(self.component, killed=True)

    def end(self) -> None:
        changed = bool(self._had)
        super().end()
        if changed:
            self.workloads.restart(self.component, killed=True)
