"""A counter of landed objects that is there and tells no number, and is put right again."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import DEPLOYMENT, Manifest
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads

_PROGRAM = Path(__file__).with_name("wrong_counter.py")
_STORE = "AWS_ENDPOINT_URL_S3"
# Nobody listens there: the counter's own words for it are 503 and a reason.
_NOWHERE = "http://127.0.0.1:9"


def _without_a_store(container: dict[str, Any]) -> None:
    for each in container["env"]:
        if each["name"] == _STORE:
            each["value"] = _NOWHERE


def _saying(text: str) -> Callable[[dict[str, Any]], None]:
    def say(container: dict[str, Any]) -> None:
        container["args"] = ["python3", "-c", _PROGRAM.read_text(), text]

    return say


# What can be wrong with a counter, in users' words, and the change of its container that makes it so.
TROUBLES = {
    "cannot reach the object store": _without_a_store,
    "answers with what is no JSON": _saying("<html>2 objects</html>"),
    "answers with words and no number": _saying('{"objects": "many"}'),
}


@dataclass
class BrokenCounter:
    """A counter whose containers were these before somebody changed them; None when it is as it was."""

    workloads: Workloads
    containers: list[Manifest] | None

    @classmethod
    def begin(cls, platform: Platform, trouble: str) -> "BrokenCounter":
        """Have one of TROUBLES, and wait until the changed counter is ready."""
        own = platform.workloads
        found = own.kube.get(DEPLOYMENT, _name(own), own.namespace)
        if found is None:
            raise CheckFailed(f"There is no counter of objects in {own.namespace}.")
        containers = found["spec"]["template"]["spec"]["containers"]
        changed = copy.deepcopy(containers)
        TROUBLES[trouble](changed[0])
        if changed == containers:
            raise CheckFailed(f"The counter of objects is not changed so that it {trouble}: it has no {_STORE}.")
        broken = cls(own, containers)
        broken._have(changed)
        return broken

    def mend(self) -> None:
        """Have the counter as it was, and wait until it is ready; one that is as it was is fine."""
        if self.containers is not None:
            containers, self.containers = self.containers, None
            self._have(containers)

    def _have(self, containers: list[Manifest]) -> None:
        change = {"spec": {"template": {"spec": {"containers": containers}}}}
        self.workloads.kube.patch(DEPLOYMENT, _name(self.workloads), change, self.workloads.namespace)
        self.workloads.must_be_ready()


def _name(workloads: Workloads) -> str:
    return f"{workloads.release}-ingest-counter"
