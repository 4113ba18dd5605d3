"""Disturbances in which somebody changes the settings of a component by hand, before or after it has read them."""

from dataclasses import dataclass

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import CONFIG_MAP
from sparkproof.spark.workloads import Workloads

_FILE = "spark-defaults.conf"
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
        found = self.workloads.kube.get(CONFIG_MAP, self._settings, self.workloads.namespace) or {}
        lines = str(found.get("data", {}).get(_FILE, "")).splitlines(keepends=True)
        changed = [f"{_ADDRESS}{_NOWHERE}\n" if line.startswith(_ADDRESS) else line for line in lines]
        if changed == lines:
            raise CheckFailed(f"The settings of the {self.component} have no address of a REST catalog to change.")
        self._had = "".join(lines)
        self._write("".join(changed))

    @property
    def is_over(self) -> bool:
        """True if somebody has changed the settings back."""
        found = self.workloads.kube.get(CONFIG_MAP, self._settings, self.workloads.namespace) or {}
        return _NOWHERE not in str(found.get("data"))

    def end(self) -> None:
        if self._had:
            self._write(self._had)
        self._had = ""

    def _write(self, settings: str) -> None:
        self.workloads.kube.patch(CONFIG_MAP, self._settings, {"data": {_FILE: settings}}, self.workloads.namespace)

    @property
    def _settings(self) -> str:
        return f"{self.workloads.release}-{self.component}"


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
