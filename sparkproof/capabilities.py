"""What the cluster offers: each capability is probed once, and a probe that breaks is an error, never a skip."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sparkproof import gpu
from sparkproof.errors import UsageError
from sparkproof.kube import Kube


@dataclass(frozen=True)
class Support:
    """Whether a capability is there; when not, `reason` says what is absent and what would enable it."""

    enabled: bool
    reason: str


def _gpu(kube: Kube) -> Support:
    offered = gpu.offered(kube)
    if offered:
        return Support(True, f"nodes offer {offered} {gpu.RESOURCE}")
    return Support(False, f"no node offers {gpu.RESOURCE}: add a GPU node with NVIDIA's device plugin")


PROBES: Mapping[str, Callable[[Kube], Support]] = {"gpu": _gpu}


@dataclass
class Capabilities:
    """The capabilities of one cluster."""

    kube: Kube
    _known: dict[str, Support] = field(default_factory=dict)

    def of(self, name: str) -> Support:
        """Whether the cluster has capability `name`; raises UsageError for a name without a probe."""
        if name not in PROBES:
            raise UsageError(f"There is no capability {name!r}; known are {', '.join(sorted(PROBES))}.")
        if name not in self._known:
            self._known[name] = PROBES[name](self.kube)
        return self._known[name]
