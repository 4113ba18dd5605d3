"""The nouns, tables and texts that steps need, compared with those that their scenarios have."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from behave import runner as behave_runner

from sparkproof.core.errors import UsageError
from sparkproof.suite.context import Brought, Given

_NOUNS = frozenset({**Given.__annotations__, **Brought.__annotations__}) - {"suite"}
_BELOW = ("table", "text")


@dataclass(frozen=True)
class Needs:
    """The attributes of the context that a step's function reads before it sets them, and those that it sets."""

    reads: frozenset[str]
    brings: frozenset[str]


def check(scenarios: Iterable[Any]) -> None:
    """Refuse a step whose nouns no earlier step brings, which lacks a table or text, or has one that nobody reads.

    Such a step would break in the middle of a run, or be green without what stands below it. Raises UsageError.
    """
    needs: dict[tuple[str, str], Needs | None] = {}
    for scenario in scenarios:
        brought = set[str]()
        for step in scenario.all_steps:
            phrase = step.step_type, step.name
            if phrase not in needs:
                match = behave_runner.the_step_registry.find_match(step)
                needs[phrase] = of(match.func) if match else None
            # behave itself reports a phrase that it does not know.
            if (own := needs[phrase]) is None:
                brought |= _NOUNS
                continue
            if missing := sorted(own.reads & _NOUNS - brought):
                raise UsageError(
                    f'{step.location}: "{step.name}" needs {" and ".join(missing)}, which no step before it brings.'
                )
            for what in _BELOW:
                if what in own.reads and getattr(step, what) is None:
                    raise UsageError(f'{step.location}: "{step.name}" needs a {what} below it.')
                if what not in own.reads and getattr(step, what) is not None:
                    raise UsageError(f'{step.location}: "{step.name}" does not read the {what} below it.')
            brought |= own.brings


@cache
def of(function: Any) -> Needs:
    """Return what a step's function reads of its context, and what it sets, from its source."""
    code = function.__code__
    context = code.co_varnames[0]
    node = _functions(code.co_filename)[code.co_firstlineno]
    attributes = [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == context
    ]
    brings = frozenset(each.attr for each in attributes if isinstance(each.ctx, ast.Store))
    return Needs(frozenset(each.attr for each in attributes if isinstance(each.ctx, ast.Load)) - brings, brings)


@cache
def _functions(file: str) -> dict[int, ast.FunctionDef]:
    """Return the functions of a file by the line on which their decorators begin."""
    found = (node for node in ast.walk(ast.parse(Path(file).read_text())) if isinstance(node, ast.FunctionDef))
    return {min([node.lineno, *(each.lineno for each in node.decorator_list)]): node for node in found}
