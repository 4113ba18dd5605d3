"""Writes the pages of docs/ that follow from the code: the phrase book, the tags, the criteria by area, the images."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path, PurePath
from typing import Any

from behave import step_registry
from behave.configuration import Configuration
from behave.model import Feature, Rule, Scenario, ScenarioOutline
from behave.runner import Runner
from behave.runner_util import parse_features

from sparkproof.build import images, versions
from sparkproof.build.recipes import DOCKER, Recipe
from sparkproof.core.resources import AMOUNTS, show
from sparkproof.platform import classes
from sparkproof.run.plan import area
from sparkproof.suite import every_version, tags

_MADE = "<!-- Written by `make docs`; change the code it follows from. -->"
_NAMED_PARTS = 12
_KINDS: Mapping[tags.Kind, str] = {
    "topic": "Topics, for selection and grouping",
    "need": "Needs, gated by a probe of the cluster",
    "version": "Versions, on the rows of an outline",
    "scheduling": "Scheduling",
    "life": "Life of a criterion",
    "severity": "Severity",
}


def pages() -> dict[str, str]:
    """The text of each page by its file name, from the project in the current folder."""
    return {"phrases.md": _phrases(), "tags.md": _tags(), "criteria.md": _criteria(), "images.md": _images()}


def write(folder: Path) -> list[Path]:
    """Write the pages into `folder`, and the schema of platform files; return the paths of those that were stale."""
    wanted = {**{folder / name: text for name, text in pages().items()}, classes.SCHEMA: classes.schema()}
    stale = [path for path, text in wanted.items() if _text(path) != text]
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    return stale


def _phrases() -> str:
    runner = Runner(Configuration([], load_config=True))
    registry = step_registry.registry
    if not any(registry.steps.values()):
        runner.setup_paths()
        with runner.path_manager:
            runner.load_step_definitions()
    found = [(_concept(one), kind, one.pattern) for kind, ones in registry.steps.items() for one in ones]
    order = ("given", "when", "then", "step")
    found.sort(key=lambda phrase: (phrase[0], order.index(phrase[1]), phrase[2]))
    lines = [_MADE, "# Phrase book", "", "Every phrase that a criterion can be told with, by concept.", ""]
    for concept, phrases in groupby(found, key=lambda phrase: phrase[0]):
        lines += [f"## {concept}", ""]
        lines += [f"- {'*' if kind == 'step' else kind.capitalize()} {pattern}" for _, kind, pattern in phrases]
        lines.append("")
    return "\n".join(lines)


def _concept(matcher: Any) -> str:
    return PurePath(matcher.location.filename).stem.removesuffix("_steps").replace("_", " ")


def _tags() -> str:
    lines = [
        _MADE,
        "# Tags",
        "",
        "A closed list; an unknown tag is an error. Without a tag a criterion is fast, may run",
    ]
    lines += ["beside others, and needs nothing that a plain cluster does not have.", ""]
    for kind, heading in _KINDS.items():
        lines += [f"## {heading}", "", "| tag | meaning | needs | reserves |", "| --- | --- | --- | --- |"]
        for tag in (one for one in tags.VOCABULARY if one.kind == kind):
            needs = ", ".join(tags.capabilities([tag.name]))
            lines.append(f"| `@{tag.name}` | {tag.meaning} | {needs} | {_resources(tag)} |")
        lines.append("")
    lines += [
        "A scenario may say what it reserves itself: `@cpu.2`, `@memory.4Gi`, `@gpus.1`; `@lock.NAME` holds a lock,",
        "`@shares.NAME` shares one with others that do. `@limit.1200` ends it after so many seconds.",
        "",
    ]
    return "\n".join(lines)


def _resources(tag: tags.Tag) -> str:
    if tag.resources is None:
        return ""
    return ", ".join(show(name, getattr(tag.resources, name)) for name in AMOUNTS if getattr(tag.resources, name))


def _criteria() -> str:
    files = sorted(str(path) for path in Path("features").rglob("*.feature"))
    parsed = parse_features(files)
    every_version.expand(parsed)
    features = sorted(parsed, key=lambda feature: (area(_first(feature)), feature.name))
    lines = [_MADE, "# Criteria", ""]
    for folder, ones in groupby(features, key=lambda feature: area(_first(feature))):
        lines += [f"## {folder}", ""]
        for feature in ones:
            lines += [f"### {feature.name}", "", *feature.description, "", *_scenarios(feature), ""]
    return "\n".join(lines)


def _first(feature: Feature) -> Scenario:
    return feature.walk_scenarios()[0]


def _scenarios(container: Feature | Rule, indent: str = "") -> Iterator[str]:
    for item in container.run_items:
        told = " ".join(f"`@{tag}`" for tag in item.tags)
        name = f"{item.name} {told}".rstrip()
        if isinstance(item, Rule):
            yield f"{indent}- *{name}*"
            yield from _scenarios(item, indent + "  ")
        elif isinstance(item, ScenarioOutline):
            yield f"{indent}- {name} ({len(item.scenarios)} examples)"
        else:
            yield f"{indent}- {name}"


def _images() -> str:
    measured = json.loads(_text(DOCKER / "measured.json") or "{}")
    lines = [
        _MADE,
        "# Images",
        "",
        "`sparkproof images` lists them, `sparkproof images NAME` builds one with those it stands on, and",
        "`sparkproof images NAME --context FOLDER` writes what any other builder takes; with `--unpack FOLDER` it",
        "writes an image's Spark, Java and Python packages for a machine without Kubernetes (`-D cluster=processes`).",
        "Programs run as user 185 and write nowhere but into mounts. Versions are pinned in `docker/versions.toml`,",
        "packages by hash in `docker/requirements`; an image's tag changes with whatever goes into it, and with",
        "nothing else.",
        "",
        "Sizes are uncompressed and hold the image below; build times are seconds for its own layers on 2 cores, with",
        "what it is made of at hand (`python -m bench images`).",
        "",
        "| image | stands on | contents | size | build |",
        "| --- | --- | --- | ---: | ---: |",
    ]
    for name, recipe in images.recipes().items():
        base = _image_name(recipe.base) if isinstance(recipe.base, Recipe) else recipe.base or "nothing"
        size, build_s = (measured.get(name, {}).get(key, "not measured") for key in ("size", "build_s"))
        lines.append(f"| `{name}` | {base} | {_contents(recipe)} | {size} | {build_s} |")
    return "\n".join([*lines, "", *(f"- {each}" for each in _substitutes()), ""])


def _image_name(recipe: Recipe) -> str:
    return next(name for name, known in images.recipes().items() if known == recipe)


def _contents(recipe: Recipe) -> str:
    versions = [f"{name.removesuffix('_VERSION').capitalize()} {version}" for name, version in recipe.args.items()]
    packages = [path.stem for name, path in recipe.files.items() if name == "requirements.txt"]
    parts = [each.name.rpartition(".jar")[0] or each.name for each in recipe.artifacts]
    told = parts if len(parts) <= _NAMED_PARTS else [f"{len(parts)} jars"]
    return ", ".join([*versions, *(f"`docker/requirements/{package}.txt`" for package in packages), *told])


def _substitutes() -> Iterator[str]:
    """Yield a sentence for each part that an image lacks, or takes from another version, and why."""
    for spark in map(versions.spark, versions.names()):
        name = spark.name
        if spark.connect != name:
            yield (
                f"`spark:{name}` carries the Connect server of {spark.connect}, since the jar of {name} is not "
                "published where it was pinned; its label `dev.sparkproof.connect` says so."
            )
        if spark.rapids is None:
            yield f"There is no `spark:{name}-gpu`: no RAPIDS jar for its Scala is published where it was pinned."
        elif spark.forced_shim:
            yield (
                f"RAPIDS {spark.rapids.version} has no shim for Spark {name} (source: {spark.rapids.source}): "
                f"`spark:{name}-gpu` works only with the one of {spark.shim}, forced by "
                "`spark.rapids.shims-provider-override`, which its vendor does not support."
            )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
