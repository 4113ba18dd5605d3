"""The pods that a disturbance is about: those of a component, or a Connect server's executors."""

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import Manifest
from sparkproof.spark.workloads import Workloads

EXECUTOR = "executor"


def pods_of(workloads: Workloads, component: str) -> list[Manifest]:
    """Return the pods of a component ("rest-catalog") that exist now; of executors those that have not ended."""
    return workloads.executors if component == EXECUTOR else workloads.pods_of(component)


def victims(workloads: Workloads, component: str, done: str) -> list[Manifest]:
    """Return the pods of a component; raises CheckFailed if there is none to which something ("killed") can be done."""
    if found := pods_of(workloads, component):
        return found
    raise CheckFailed(f"There is no {component} that could be {done}.")


def kill_all(workloads: Workloads, component: str) -> None:
    """Kill every pod of a component without notice, also one that comes meanwhile; raises GaveUp, CheckFailed."""
    victims(workloads, component, "killed")

    def killed() -> list[str]:
        names = [pod["metadata"]["name"] for pod in pods_of(workloads, component)]
        for name in names:
            workloads.end(name, killed=True)
        return names

    eventually(f"the end of every {component}", killed, lambda names: not names, within_s=timeouts.POD_READY)
