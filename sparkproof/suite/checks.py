"""What is known of a scenario before anything runs: its faults, and the platforms that it shares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sparkproof.platform.classes import PlatformClaim, PlatformClass, classes
from sparkproof.suite import phrases, tags
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import Phrase


@dataclass(frozen=True)
class Checked:
    """A scenario's `faults`, one sentence each with its place, its `claims` on shared platforms, and its `catalogs`.

    The catalogs are those that its phrases name, by kind. `beyond` is what it needs beside its platform's namespace.
    """

    faults: tuple[str, ...] = ()
    claims: frozenset[PlatformClaim] = frozenset()
    catalogs: frozenset[str] = frozenset()
    beyond: str = ""


def check(scenario: Any, default_version: str) -> Checked:
    """Check the phrases of a scenario, their parameters, tables and texts, and the order of their nouns."""
    faults: list[str] = []
    claims: set[PlatformClaim] = set()
    catalogs: set[str] = set()
    known: set[str] = set()
    beyond = ""
    complete = True
    for step in scenario.all_steps:
        found = phrases.match(step.step_type, step.name)
        if found is None:
            faults.append(_at(step, _undefined(step)))
            # Nobody knows which nouns an unknown phrase would have given.
            complete = False
            continue
        phrase, values, error = found
        faults += [_at(step, str(error))] if error else _faults_of(step, phrase)
        uses = phrase.uses
        beyond = beyond or phrase.beyond
        if complete:
            faults += [_at(step, _missing(step, noun, scenario)) for noun in sorted(uses.reads - known)]
        known |= uses.reads | uses.gives
        catalogs.update(
            values[name] for name, kind in phrase.parameters.items() if kind is TYPES["Catalog"] and name in values
        )
        if step.step_type == "given":
            claims.update(_claims(step, values, default_version))
    if tags.SOLE_USER in scenario.effective_tags and complete and not claims:
        faults.append(_at(scenario, f"@{tags.SOLE_USER} keeps others from its platform, and it shares none."))
    return Checked(tuple(dict.fromkeys(faults)), frozenset(claims), frozenset(catalogs), beyond)


def _at(place: Any, complaint: str) -> str:
    return f"{place.location}: {complaint}"


def _undefined(step: Any) -> str:
    said = f"{step.keyword} {step.name}"
    for kind in phrases.KINDS[:3]:
        if phrases.match(kind, step.name):
            return f"{said!r} is no {step.step_type.capitalize()}: this phrase is a {kind.capitalize()}."
    near = phrases.like(step.step_type, step.name)
    listed = f"the nearest {'is' if len(near) == 1 else 'are'} {_listed(near)}" if near else "none is near"
    return f"No phrase says {said!r}; {listed}. docs/phrases.md and `sparkproof phrases WORD` list all."


def _missing(step: Any, noun: str, scenario: Any) -> str:
    for later in scenario.all_steps:
        found = phrases.match(later.step_type, later.name)
        if found and later.line > step.line and noun in found[0].uses.gives - found[0].uses.reads:
            return f"{step.name!r} needs {later.name!r} before it, which stands in line {later.line}."
    return f"{step.name!r} needs an earlier step, such as {_listed(phrases.givers(noun)[:3])}."


def _faults_of(step: Any, phrase: Phrase) -> Iterator[str]:
    """Yield what is wrong with the table or the text below a step."""
    if phrase.table is not None:
        if fault := phrase.table.fault(step.table):
            yield _at(step, f"{step.name!r} {fault}.")
    elif step.table is not None:
        yield _at(step, f"{step.name!r} takes no table.")
    if phrase.uses.text and step.text is None:
        yield _at(step, f'{step.name!r} needs a text between """ lines below it.')
    elif step.text is not None and not phrase.uses.text:
        yield _at(step, f"{step.name!r} takes no text.")


def _claims(step: Any, values: Any, default_version: str) -> Iterator[PlatformClaim]:
    """Yield the shared platform that a Given step asks for."""
    if isinstance(wanted := values.get("platform"), PlatformClass):
        yield PlatformClaim(wanted.name, values.get("version", default_version))
    for each in classes().values():
        if each.phrase == step.name:
            yield PlatformClaim(each.name, default_version)


def _listed(found: Iterable[Phrase]) -> str:
    return ", ".join(f"'{each}'" for each in found)
