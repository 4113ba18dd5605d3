"""Writes the pages of docs/ that follow from the code: the phrase book, the tags, the criteria by area."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path, PurePath
from typing import Any

from behave import step_registry
from behave.configuration import Configuration
from behave.model import Feature, Rule, Scenario, ScenarioOutline
from behave.runner import Runner
from behave.runner_util import parse_features

from sparkproof import tags
from sparkproof.lease import AMOUNTS, show
from sparkproof.run.plan import area

_MADE = "<!-- Written by `make docs`; change the code it follows from. -->"
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
    return {"phrases.md": _phrases(), "tags.md": _tags(), "criteria.md": _criteria()}


def write(folder: Path) -> list[Path]:
    """Write the pages into `folder`; the paths of those that were stale."""
    stale = [folder / name for name, text in pages().items() if _text(folder / name) != text]
    for path in stale:
        path.write_text(pages()[path.name], encoding="utf-8")
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
        lines += [f"## {heading}", "", "| tag | meaning | needs | leases |", "| --- | --- | --- | --- |"]
        for tag in (one for one in tags.VOCABULARY if one.kind == kind):
            needs = ", ".join(tags.capabilities([tag.name]))
            lines.append(f"| `@{tag.name}` | {tag.meaning} | {needs} | {_lease(tag)} |")
        lines.append("")
    lines += [
        "A scenario may say what it leases itself: `@cpu.2`, `@memory.4Gi`, `@gpus.1`; `@lock.NAME` holds a lock,",
        "`@shares.NAME` shares one with others that do. `@limit.1200` ends it after so many seconds.",
        "",
    ]
    return "\n".join(lines)


def _lease(tag: tags.Tag) -> str:
    if tag.lease is None:
        return ""
    return ", ".join(show(name, getattr(tag.lease, name)) for name in AMOUNTS if getattr(tag.lease, name))


def _criteria() -> str:
    files = sorted(str(path) for path in Path("features").rglob("*.feature"))
    features = sorted(parse_features(files), key=lambda feature: (area(_first(feature)), feature.name))
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


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
