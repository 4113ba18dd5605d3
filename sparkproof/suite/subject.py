"""The subject of a run: the commit of the criteria, the charts, and the versions of what the images hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from sparkproof.build import versions
from sparkproof.charts import parts
from sparkproof.core import process, timeouts
from sparkproof.run import About

_ROOT = Path(__file__).resolve().parents[2]


def described(about: About, charts_in: Path | None, images: Mapping[str, str]) -> About:
    """Return `about` with the commit of the criteria, the charts in a folder if the run installs, and these images."""
    found, changed = commit()
    named = {f"image {name}": reference for name, reference in images.items()}
    return replace(
        about, commit=found, changed=changed, artifacts={**(charts(charts_in) if charts_in else {}), **named}
    )


def commit() -> tuple[str, Sequence[str]]:
    """Return the commit of the criteria and the files that differ from it; "" and none outside of a git checkout."""
    head = _git("rev-parse", "--short=12", "HEAD").strip()
    changed = _git("status", "--porcelain=v1", "--untracked-files=all", "-z") if head else ""
    # A renamed file is followed by its old name, which has no status before it.
    return head, [each[3:] for each in changed.split("\0") if each[2:3] == " "]


def charts(folder: Path) -> Mapping[str, str]:
    """Return the version and the digest of each chart in `folder`."""
    found = {path.parent: yaml.safe_load(path.read_text())["version"] for path in sorted(folder.glob("*/Chart.yaml"))}
    return {f"chart {chart.name}": f"{version} ({parts.digest(chart)})" for chart, version in found.items()}


def held(sparks: Iterable[str]) -> Mapping[str, str]:
    """Return the versions of Spark, and those of Iceberg, Java and RAPIDS that their images hold."""
    pinned = [versions.spark(name) for name in sorted(sparks)]
    found = {
        "spark": [each.name for each in pinned],
        "iceberg": [each.line.iceberg for each in pinned],
        "java": [versions.pins().parts["debian"].values["java"]],
        "rapids": [each.rapids.version for each in pinned if each.rapids],
    }
    return {program: ", ".join(dict.fromkeys(each)) for program, each in found.items() if each}


def _git(*arguments: str) -> str:
    """Return the output of a git command in the checkout; "" without git or outside of a checkout."""
    try:
        return process.run(["git", "-C", _ROOT, *arguments], timeout_s=timeouts.TOOL).stdout
    except process.CommandFailed:
        return ""
