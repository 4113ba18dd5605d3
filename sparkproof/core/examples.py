"""The manifests, settings and programs under examples/ that criteria use by name."""

from pathlib import Path
from typing import Any

import yaml

from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint

FOLDER = Path(__file__).resolve().parents[2] / "examples"
_ENDINGS = (".yaml", ".py", ".json", ".ipynb")


def applications() -> dict[str, str]:
    """The programs of all example applications, by file name ("word-count.py")."""
    return _programs("applications")


def application(name: str) -> str:
    """The file name of the application that a criterion names in words ("word count")."""
    return path("applications", name).name


def projects() -> list[str]:
    """The names, in words, of all example projects, each a folder of files."""
    return sorted(folder.name.replace("-", " ") for folder in (FOLDER / "projects").iterdir() if folder.is_dir())


def project(name: str) -> dict[str, str]:
    """The files of the project that a criterion names in words; raises UsageError, with the nearest known name."""
    if name not in projects():
        raise UsageError(f"There is no {name!r} in examples/projects; {hint(name, projects())}")
    files = (FOLDER / "projects" / file_name(name)).iterdir()
    return {path.name: path.read_text() for path in sorted(files) if path.is_file()}


def dags() -> dict[str, str]:
    """The programs of all example DAGs, by file name ("daily-sums.py")."""
    return _programs("dags")


def notebook(name: str) -> str:
    """The notebook, as text, that a criterion names in words ("time travel" is time-travel.ipynb)."""
    return path("notebooks", name).read_text()


def suite(name: str) -> str:
    """The rules, as text, that a criterion names in words ("orders" is examples/quality/orders.json)."""
    return path("quality", name).read_text()


def pod(name: str) -> dict[str, Any]:
    """The pod that a criterion names in words ("runs as root" is examples/pods/runs-as-root.yaml)."""
    return _manifest("pods", name)


def service(name: str) -> dict[str, Any]:
    """The Service that a criterion names in words ("is open on nodes" is examples/services/is-open-on-nodes.yaml)."""
    return _manifest("services", name)


def faults() -> dict[str, Any]:
    """One fault of each kind that a security audit names: pods, and other objects."""
    return _manifest("audit", "faults")


def node(name: str) -> dict[str, Any]:
    """The kind of node that a criterion names in words ("NVIDIA GPU" is examples/nodes/nvidia-gpu.yaml)."""
    return _manifest("nodes", name)


def node_pool(name: str) -> dict[str, Any]:
    """The pool of nodes that a criterion names ("spot" is examples/node-pools/spot.yaml)."""
    return _manifest("node-pools", name)


def quota() -> list[dict[str, Any]]:
    """The quota of a team and its queue, as Kueue has them."""
    return list(yaml.safe_load_all(path("quotas", "team").read_text()))


def queued_job() -> dict[str, Any]:
    """A job of the usual size that waits in the queue of its team."""
    return _manifest("quotas", "job")


def size_advice() -> dict[str, Any]:
    """What asks for advice on the sizes of a Connect server, and changes none of them."""
    return _manifest("sizes", "connect")


def idle_workload() -> dict[str, Any]:
    """A workload of which nothing runs."""
    return _manifest("sizes", "idle")


def spark_application(name: str) -> Path:
    """The SparkApplication that a criterion names ("word count" is examples/spark-applications/word-count.yaml)."""
    return path("spark-applications", name)


def spark_application_as_it_is(name: str) -> dict[str, Any]:
    """The same SparkApplication, with nothing of a platform."""
    return _manifest("spark-applications", name)


def policy(name: str) -> dict[str, Any]:
    """The network policy that a criterion names ("deny all ingress" is examples/policies/deny-all-ingress.yaml)."""
    return _manifest("policies", name)


def values(name: str) -> dict[str, Any]:
    """The values of a chart that a criterion names in words ("keeps its objects" is keeps-its-objects.yaml)."""
    return _manifest("values", name)


def environment(name: str) -> dict[str, Any]:
    """The values of a chart in an environment, such as dev."""
    return _manifest("environments", name)


def impossible(name: str) -> dict[str, Any]:
    """The settings that cannot work together and that a criterion names in words."""
    return _manifest("impossible", name)


def every_impossible() -> list[str]:
    """The names of all of them, as files have them."""
    return sorted(path.stem for path in (FOLDER / "impossible").glob("*.yaml"))


def template(name: str) -> Path:
    """The template of an object that a criterion names in words."""
    return path("templates", name)


def _programs(folder: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((FOLDER / folder).glob("*.py"))}


def _manifest(folder: str, name: str) -> dict[str, Any]:
    return dict(yaml.load(path(folder, name).read_text(), Loader=yaml.CSafeLoader))


def file_name(name: str) -> str:
    """Return the file name for a name in words, without its ending."""
    return name.lower().replace(" ", "-").replace("'", "")


def names(folder: str) -> list[str]:
    """Return the names, in words, of all files in a folder of examples/."""
    return sorted(file.stem.replace("-", " ") for file in (FOLDER / folder).iterdir() if file.suffix in _ENDINGS)


def path(folder: str, name: str) -> Path:
    """Return the file that a criterion names in words; raises UsageError, with the nearest known name."""
    files = [FOLDER / folder / f"{file_name(name)}{ending}" for ending in _ENDINGS]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        raise UsageError(f"There is no {name!r} in examples/{folder}; {hint(name, names(folder))}")
    return found
