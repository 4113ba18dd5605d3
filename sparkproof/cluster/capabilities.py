"""The capabilities of a cluster: each is probed at most once, and a probe that breaks is an error, never a skip."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field

from sparkproof.cluster.probes import PROBES, Inventory, Probe, Support
from sparkproof.core import timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.nearest import hint
from sparkproof.kube.client import Kube


class ProbeBroke(SparkproofError):
    """A probe failed, so that it is unknown if its capability is there."""


def check(names: Iterable[str], probes: Mapping[str, Probe] = PROBES) -> None:
    """Check that each of `names` has a probe; raises UsageError for the first without, with the nearest known name."""
    for name in names:
        if name not in probes:
            raise UsageError(f"Capability {name!r} is unknown; {hint(name, probes)}")


@dataclass
class Capabilities:
    """The capabilities of one cluster; each is probed when it is first asked for."""

    kube: Kube
    probes: Mapping[str, Probe] = field(default_factory=lambda: PROBES)
    _known: dict[str, Support] = field(default_factory=dict)

    def of(self, name: str) -> Support:
        """Return the cluster's support for capability `name`; raises UsageError for an unknown one, ProbeBroke."""
        return self.all([name])[name]

    def all(self, names: Iterable[str] | None = None) -> Mapping[str, Support]:
        """Return the support for `names` (all known when None), in their order; new ones are probed at the same time.

        Raises UsageError for an unknown one, ProbeBroke.
        """
        wanted = list(self.probes if names is None else names)
        check(wanted, self.probes)
        new = [name for name in wanted if name not in self._known]
        if new:
            inventory = Inventory(self.kube)
            running = {name: aside(self.probes[name], inventory) for name in new}
            self._known |= {name: _finished(name, probe) for name, probe in running.items()}
        return {name: self._known[name] for name in wanted}


def _finished(name: str, probe: Future[Support]) -> Support:
    try:
        return probe.result(timeouts.PROBE)
    except Late:
        raise ProbeBroke(f"The probe of capability {name} did not answer within {timeouts.PROBE:g} s.") from None
    except Exception as broken:
        raise ProbeBroke(f"The probe of capability {name} broke: {broken}") from broken
