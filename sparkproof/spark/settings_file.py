"""The settings of a component as its ConfigMap has them, which a program reads when it starts."""

from sparkproof.kube.objects import CONFIG_MAP
from sparkproof.spark.workloads import Workloads

_FILE = "spark-defaults.conf"


def read(workloads: Workloads, component: str) -> str:
    """Return the settings of a component ("connect"); "" if it has none."""
    found = workloads.kube.get(CONFIG_MAP, _name(workloads, component), workloads.namespace) or {}
    return str(found.get("data", {}).get(_FILE, ""))


def write(workloads: Workloads, component: str, settings: str) -> None:
    """Change the settings of a component, which it has when it starts again."""
    change = {"data": {_FILE: settings}}
    workloads.kube.patch(CONFIG_MAP, _name(workloads, component), change, workloads.namespace)


def _name(workloads: Workloads, component: str) -> str:
    return f"{workloads.release}-{component}"
