"""The phrases that criteria are made of, read from the steps: the words, table and nouns that each one takes."""

import ast
import difflib
import functools
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeVar

from behave import runner as behave_runner
from behave.configuration import Configuration

from sparkproof.core.errors import UsageError
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES, Parameter

KINDS = ("given", "when", "then", "step")
_NOUNS = {noun for part in Context.__mro__[1:-1] for noun in part.__annotations__} - {"suite"}
_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
# The calls of the suite that reach beyond a platform's namespace, and what they need.
_BEYOND = {"team": "a namespace of its own", "simulate": "simulated nodes"}
# Below this likeness two phrases have nothing in common that a reader sees.
_ALIKE = 0.5
Step = TypeVar("Step", bound=Callable[..., None])


@dataclass(frozen=True)
class StepTable:
    """The table that a step takes: its columns in this order (any when empty), and the function that reads it."""

    columns: tuple[str, ...]
    read: Callable[[Any], object]

    def fault(self, table: Any) -> str:
        """Return what is wrong with a scenario's table; "" if nothing is."""
        wanted = f"a table with the columns {', '.join(self.columns)}" if self.columns else "a table"
        if table is None:
            return f"needs {wanted} below it"
        if self.columns and tuple(table.headings) != self.columns:
            return f"needs {wanted}, in this order; this one has {', '.join(table.headings)}"
        try:
            self.read(table)
        except (UsageError, ValueError) as wrong:
            return f"has a wrong value in its table: {str(wrong).rstrip('.')}"
        return ""


def table(*columns: str, read: Callable[[Any], object] = list) -> Callable[[Step], Step]:
    """Declare the table of a step: its columns, any when none is named, and what reads it.

    `read` raises UsageError or ValueError for a wrong value.
    """

    def declare(step: Step) -> Step:
        step.table = StepTable(columns, read)  # type: ignore[attr-defined]
        return step

    return declare


def asks_beyond(needed: str) -> Callable[[Step], Step]:
    """Declare what a step needs that is not in its platform's namespace: "the kubelet"."""

    def declare(step: Step) -> Step:
        step.beyond = needed  # type: ignore[attr-defined]
        return step

    return declare


@dataclass(frozen=True)
class Uses:
    """The nouns of the context that a step's function `reads` before it `gives` them, and True if it takes a text.

    `beyond` is what it needs outside its platform's namespace, by what it calls.
    """

    reads: frozenset[str]
    gives: frozenset[str]
    text: bool
    beyond: str


@dataclass(frozen=True)
class Phrase:
    """A phrase as a step's decorator has it, the kind of steps that it is for, and its step's function."""

    kind: str
    pattern: str
    function: Callable[..., None]

    def __str__(self) -> str:
        return f"{'*' if self.kind == 'step' else self.kind.capitalize()} {self.words}"

    @property
    def words(self) -> str:
        """The phrase as a feature writes it, with the plain names of its parameters."""
        return _PLACE.sub(r"{\1}", self.pattern)

    @property
    def concept(self) -> str:
        """The concept that its step's file is about: "iceberg write"."""
        return PurePath(self.function.__code__.co_filename).stem.removesuffix("_steps").replace("_", " ")

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The types of its parameters, by their names; those that take a number or any text are left out."""
        return {name: TYPES[kind] for name, kind in _PLACE.findall(self.pattern) if kind in TYPES}

    @property
    def table(self) -> StepTable | None:
        """The table that it takes."""
        return getattr(self.function, "table", None)

    @property
    def beyond(self) -> str:
        """What its step needs beside the namespace of the scenario's platform; "" if nothing."""
        return getattr(self.function, "beyond", self.uses.beyond)

    @property
    def uses(self) -> Uses:
        """The nouns that its step reads and gives."""
        code = self.function.__code__
        return _uses(code.co_filename)[code.co_firstlineno]


def load() -> None:
    """Load the steps of the project in the current folder, unless behave has loaded them."""
    if not any(behave_runner.the_step_registry.steps.values()):
        runner = behave_runner.Runner(Configuration([], load_config=True))
        runner.setup_paths()
        with runner.path_manager:
            runner.load_step_definitions()


def every() -> list[Phrase]:
    """Return all phrases, by concept, kind and words."""
    found = [
        Phrase(kind, matcher.pattern, matcher.func)
        for kind, matchers in behave_runner.the_step_registry.steps.items()
        for matcher in matchers
    ]
    return sorted(found, key=lambda each: (each.concept, KINDS.index(each.kind), each.words))


@functools.cache
def match(kind: str, words: str) -> tuple[Phrase, Mapping[str, Any], UsageError | None] | None:
    """Return the phrase of a step of this kind, the values of its parameters, and the error of a wrong one, or None."""
    for matcher in (*behave_runner.the_step_registry.steps[kind], *behave_runner.the_step_registry.steps["step"]):
        if found := matcher.match(words):
            values = {each.name: each.value for each in found.arguments or ()}
            error = getattr(found, "stored_error", None)
            if error is not None and not isinstance(error, UsageError):
                raise error
            return Phrase(matcher.step_type or kind, matcher.pattern, matcher.func), values, error
    return None


def givers(noun: str) -> list[Phrase]:
    """Return the phrases that give a noun and do not need it themselves; those with the fewest needs first."""
    found = [each for each in every() if noun in each.uses.gives - each.uses.reads]
    return sorted(found, key=lambda each: (len(each.uses.reads), len(each.words)))


def like(kind: str, words: str, count: int = 3) -> list[Phrase]:
    """Return the phrases that are the most like these words; those of the same kind come first among equals."""
    known: dict[str, Phrase] = {}
    for each in sorted(every(), key=lambda phrase: phrase.kind not in (kind, "step")):
        known.setdefault(_bare(each.words), each)
    asked = _bare(words)
    alike = {each: _likeness(asked, each) for each in known}
    return [known[near] for near in heapq.nlargest(count, alike, key=alike.__getitem__) if alike[near] >= _ALIKE]


def containing(words: Iterable[str]) -> list[Phrase]:
    """Return the phrases that have all of these words, in themselves or in the name of their concept."""
    wanted = [word.lower() for word in words]
    return [each for each in every() if all(word in f"{each.concept} {each}".lower() for word in wanted)]


def _likeness(one: str, other: str) -> float:
    """Return how alike two phrases are, by their letters in order and by the words that they share: from 0 to 2."""
    mine, its = set(one.split()), set(other.split())
    return difflib.SequenceMatcher(None, one, other).ratio() + len(mine & its) / len(mine | its)


def _bare(words: str) -> str:
    """Return a phrase without what differs from use to use: quoted text, numbers and parameters."""
    return re.sub(r'"[^"]*"|\{\w+\}|\b\d+\b', "_", words.lower())


@functools.cache
def _uses(filename: str) -> Mapping[int, Uses]:
    """Return what each step of a file uses, by the line of its first decorator."""
    parsed = ast.parse(Path(filename).read_text(encoding="utf-8"))
    return {
        min(each.lineno for each in step.decorator_list): _uses_of(step.body)
        for step in parsed.body
        if isinstance(step, ast.FunctionDef) and step.decorator_list
    }


def _uses_of(statements: Sequence[ast.stmt]) -> Uses:
    reads, gives, text, beyond = set[str](), set[str](), False, ""
    for statement in statements:
        beyond = beyond or next((_BEYOND[call] for call in _calls_of_suite(statement) if call in _BEYOND), "")
        # Values are computed before they are kept.
        found = sorted(_attributes(statement), key=lambda each: isinstance(each.ctx, ast.Store))
        for each in found:
            if isinstance(each.ctx, ast.Store):
                gives.add(each.attr)
            elif each.attr in _NOUNS and each.attr not in gives:
                reads.add(each.attr)
        text = text or any(each.attr == "text" for each in found)
    return Uses(frozenset(reads), frozenset(gives), text, beyond)


def _calls_of_suite(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement uses of the context's suite, such as `team`."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "suite":
            yield node.attr


def _attributes(statement: ast.stmt) -> Iterator[ast.Attribute]:
    """Yield the attributes of behave's context in a statement, without those of its nouns, such as `trips.session`."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "context":
            yield node
