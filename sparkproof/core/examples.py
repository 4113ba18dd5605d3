"""The manifests, settings and programs under examples/ that criteria use by name."""

from pathlib import Path
from typing import Any

import yaml

from sparkproof.core.errors import UsageError

FOLDER = Path(__file__).resolve().parents[2] / "examples"


def applications() -> dict[str, str]:
    """The programs of all example applications, by file name ("word-count.py")."""
    return {path.name: path.read_text() for path in sorted((FOLDER / "applications").glob("*.py"))}


def application(name: str) -> str:
    """The file name of the application that a criterion names in words ("word count")."""
    file = f"{name.replace(' ', '-')}.py"
    if file not in applications():
        raise UsageError(f"There is no example application {file}; known are {', '.join(applications())}.")
    return file


def pod(name: str) -> dict[str, Any]:
    """The pod that a criterion names in words ("runs as root" is examples/pods/runs-as-root.yaml)."""
    return _manifest("pods", name)


def node(name: str) -> dict[str, Any]:
    """The kind of node that a criterion names in words ("NVIDIA GPU" is examples/nodes/nvidia-gpu.yaml)."""
    return _manifest("nodes", name)


def policy(name: str) -> dict[str, Any]:
    """The network policy that a criterion names ("deny all ingress" is examples/policies/deny-all-ingress.yaml)."""
    return _manifest("policies", name)


def values(name: str) -> dict[str, Any]:
    """The values of a chart that a criterion names in words ("keeps its objects" is keeps-its-objects.yaml)."""
    return _manifest("values", name)


def impossible(name: str) -> dict[str, Any]:
    """The settings that cannot work together and that a criterion names in words."""
    return _manifest("impossible", name)


def every_impossible() -> list[str]:
    """The names of all of them, as files have them."""
    return sorted(path.stem for path in (FOLDER / "impossible").glob("*.yaml"))


def template(name: str) -> Path:
    """The template of an object that a criterion names in words."""
    return _path("templates", name)


def _manifest(folder: str, name: str) -> dict[str, Any]:
    return dict(yaml.safe_load(_path(folder, name).read_text()))


def file_name(name: str) -> str:
    """Return the file name for a name in words, without its ending."""
    return name.lower().replace(" ", "-").replace("'", "")


def _path(folder: str, name: str) -> Path:
    path = FOLDER / folder / f"{file_name(name)}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise UsageError(f"There is no {path.name} in examples/{folder}; known are {known}.")
    return path
