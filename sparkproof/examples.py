"""The manifests, settings and programs under examples/ that criteria use by name."""

from pathlib import Path
from typing import Any

import yaml

from sparkproof.errors import UsageError

FOLDER = Path(__file__).resolve().parent.parent / "examples"


def pod(name: str) -> dict[str, Any]:
    """The pod that a criterion names in words ("runs as root" is examples/pods/runs-as-root.yaml)."""
    return dict(yaml.safe_load(_path("pods", name).read_text()))


def impossible(name: str) -> dict[str, Any]:
    """The settings that cannot work together and that a criterion names in words."""
    return dict(yaml.safe_load(_path("impossible", name).read_text()))


def every_impossible() -> list[str]:
    """The names of all of them, as files have them."""
    return sorted(path.stem for path in (FOLDER / "impossible").glob("*.yaml"))


def template(name: str) -> Path:
    """The template of an object that a criterion names in words."""
    return _path("templates", name)


def _path(kind: str, name: str) -> Path:
    path = FOLDER / kind / f"{name.lower().replace(' ', '-').replace(chr(39), '')}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise UsageError(f"There is no example {kind}/{path.name}; known are {known}.")
    return path
