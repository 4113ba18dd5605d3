"""Dockerfiles as tests look at them."""

from pathlib import Path


def instructions(path: Path) -> list[str]:
    """The instructions of a Dockerfile, each in one line."""
    lines = (line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
    return "\n".join(lines).replace("\\\n", " ").splitlines()
