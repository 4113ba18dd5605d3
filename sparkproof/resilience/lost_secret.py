"""A Secret of a platform that somebody deletes by hand, and that comes back with the values that it had."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import SECRET
from sparkproof.spark.workloads import Workloads


@dataclass
class LostSecret:
    """A Secret of the platform's namespace, lost from `begin` to `end`."""

    workloads: Workloads
    name: str
    _had: Mapping[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Delete the Secret; raises CheckFailed where there is none of the name."""
        kube, namespace = self.workloads.kube, self.workloads.namespace
        found = kube.get(SECRET, self.name, namespace)
        if found is None:
            raise CheckFailed(f"There is no Secret {self.name} in {namespace} that somebody could delete.")
        self._had = found
        kube.delete(SECRET, self.name, namespace)

    def end(self) -> None:
        """Create the Secret again with its values and labels, if it was deleted."""
        if self._had:
            about = {"namespace": self.workloads.namespace, "labels": self._had["metadata"].get("labels", {})}
            kept = {key: self._had[key] for key in ("type", "data") if key in self._had}
            metadata = {"name": self.name, **about}
            self.workloads.kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **kept})
        self._had = {}
