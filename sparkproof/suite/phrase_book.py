"""The phrase book: each phrase with what it takes, what it needs before it, and an example from features/."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from behave.runner_util import parse_features

from sparkproof.suite import every_version, phrases
from sparkproof.suite.parameters import Parameter
from sparkproof.suite.phrases import Phrase

_ROWS = 2
_WORDS = 16
_INDENT = "  "


def page() -> list[str]:
    """Return the lines of all phrases by concept, in Markdown, from the project in the current folder."""
    examples = _examples()
    lines = ["## What parameters take", "", "| parameter | takes | words |", "| --- | --- | --- |"]
    named = {(name, each) for phrase in phrases.every() for name, each in phrase.parameters.items()}
    lines += [f"| {name} | {each.meaning} | {_listed(each)} |" for name, each in sorted(named, key=str)]
    for concept, ones in groupby(phrases.every(), key=lambda phrase: phrase.concept):
        lines += ["", f"## {concept}", ""]
        for phrase in ones:
            lines += [f"- {phrase}", *(f"  - {note}" for note in _notes(phrase))]
            if example := examples.get(phrase):
                lines += ["  ```gherkin", *(f"  {line}" for line in example), "  ```"]
    return [*lines, ""]


def matching(words: Iterable[str]) -> list[str]:
    """Return the lines of the phrases that have all of these words, for a terminal."""
    examples = _examples()
    lines: list[str] = []
    for phrase in phrases.containing(words):
        taken = [f"{name}: {each.meaning}: {_listed(each)}" for name, each in phrase.parameters.items()]
        lines += [str(phrase), *(f"{_INDENT}{note}" for note in (*taken, *_notes(phrase)))]
        lines += [f"{_INDENT * 2}{line}" for line in examples.get(phrase, ())]
    return lines


def _listed(parameter: Parameter) -> str:
    words = list(parameter.known())
    return ", ".join(words[:_WORDS]) + (f", and {len(words) - _WORDS} more" if len(words) > _WORDS else "")


def _notes(phrase: Phrase) -> Iterator[str]:
    if phrase.table and phrase.table.columns:
        yield f"takes a table with the columns {', '.join(phrase.table.columns)}"
    elif phrase.table:
        yield "takes a table"
    if phrase.uses.text:
        yield 'takes a text between """ lines'
    for giver in dict.fromkeys(phrases.givers(noun)[0] for noun in sorted(phrase.uses.reads)):
        yield f"needs an earlier step, such as: {giver}"


def _examples() -> Mapping[Phrase, list[str]]:
    """Return an example of each phrase that has parameters, a table or a text: its first use in features/."""
    phrases.load()
    features = parse_features(sorted(str(path) for path in Path("features").rglob("*.feature")))
    every_version.expand(features)
    found: dict[Phrase, list[str]] = {}
    for step in (each for feature in features for one in feature.walk_scenarios() for each in one.all_steps):
        matched = phrases.match(step.step_type, step.name)
        if matched and (matched[0].pattern != step.name or step.table or step.text):
            found.setdefault(matched[0], list(_written(step)))
    return found


def _written(step: Any) -> Iterator[str]:
    """Yield the lines of a step as a feature has them, with the first rows of its table."""
    yield f"{step.step_type.capitalize()} {step.name}"
    if step.table is not None:
        rows = [step.table.headings, *(row.cells for row in step.table.rows[:_ROWS])]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield f"{_INDENT}| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
    if step.text is not None:
        yield from (f"{_INDENT}{line}".rstrip() for line in ('"""', *step.text.splitlines(), '"""'))
