"""What steps do is what their phrases say: nothing is done twice, values go where they belong, and nothing is left."""

import ast
import inspect
import re
import types
import typing
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from sparkproof.suite import phrases
from sparkproof.suite.context import Context

ROOT = Path(__file__).resolve().parents[3]
# Steps that do the same as another of their keyword, since one deed has two meanings.
SYNONYMS = [{"the_backup_is_taken", "the_backup_can_be_restored"}]
# Steps whose noun goes with something else, so that they do not remove it themselves.
GO_WITH = {
    "the_team_keeps_a_table_of_taxi_trips": "the team's platform",
    "a_client_pod_in_the_same_namespace": "the team",
    "a_data_engineer_of_the_team": "the team's platform",
    "workers_that_have_just_ended_the_application": "nothing: nobody watches them",
}


@pytest.fixture(autouse=True, scope="module")
def _steps() -> None:
    phrases.load()


Step = Callable[..., None]


def every() -> Iterator[tuple[Step, str]]:
    """Each step, with the keyword and the phrases that it has."""
    words = defaultdict(list)
    for phrase in phrases.every():
        words[phrase.function].append(str(phrase))
    yield from ((function, " / ".join(known)) for function, known in words.items())


def body(step: Step) -> ast.FunctionDef:
    (found,) = ast.parse(inspect.getsource(step)).body
    assert isinstance(found, ast.FunctionDef)
    return found


def keywords(step: Step) -> set[str]:
    """The keywords by which a step is called; a @step is called by each."""
    found = {str(each.func.id) for each in body(step).decorator_list if isinstance(each, ast.Call)}  # type: ignore[attr-defined]
    return {"given", "when", "then"} if "step" in found else found & {"given", "when", "then"}


def same(steps: Mapping[str, tuple[set[str], str]]) -> list[set[str]]:
    """The names of steps that do the same as another of one of their keywords; a step is its keywords and its code."""
    found = defaultdict(set)
    for name, (known, code) in steps.items():
        for keyword in known:
            found[keyword, code].add(name)
    return [names for names in found.values() if len(names) > 1]


def test_no_two_steps_of_a_keyword_do_the_same() -> None:
    """A check of the opposite, or of another noun, would be one that a neighbour makes already."""
    known = {f"{step.__name__}": (keywords(step), "\n".join(map(ast.unparse, body(step).body))) for step, _ in every()}
    assert len(known) > 450
    assert [names for names in same(known) if names not in SYNONYMS] == []


def test_steps_that_do_the_same_are_seen() -> None:
    then = {"then"}
    opposite = {"it_is_open": (then, "x.must_be_open()"), "it_is_closed": (then, "x.must_be_open()")}
    assert same(opposite) == [{"it_is_open", "it_is_closed"}]
    assert same({"he_runs": ({"when"}, "run()"), "he_has_run": ({"given"}, "run()")}) == []


def names_in(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return found


def test_each_check_is_made_by_a_step_or_by_another_check() -> None:
    """A check that nobody makes is one whose step makes another in its place."""
    sources = [*(ROOT / "sparkproof").rglob("*.py"), *(ROOT / "steps").glob("*.py"), ROOT / "environment.py"]
    used = set[str]().union(*map(names_in, sources))
    checks = {
        node.name
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("must_")
    }
    assert len(checks) > 200
    assert checks - used == set()


class Of:
    """Something of this class."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind


class Meaning:
    """What the names of a step's code stand for, as far as types say it."""

    def __init__(self, step: Step) -> None:
        self.known: dict[str, Any] = {**step.__globals__, "context": Of(Context)}
        for line in body(step).body:
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                self.known[line.targets[0].id] = self.of(line.value)

    def of(self, node: ast.expr) -> Any:
        """What an expression stands for: a function, a class, a module, something `Of` a class; None if unknown."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.Call):
            function = self.of(node.func)
            return Of(function) if isinstance(function, type) else _given_by(function)
        if not isinstance(node, ast.Attribute):
            return None
        owner = self.of(node.value)
        if not isinstance(owner, Of):
            return getattr(owner, node.attr, None)
        found = inspect.getattr_static(owner.kind, node.attr, None)
        if isinstance(found, property):
            return _given_by(found.fget)
        if isinstance(found, cached_property):
            return _given_by(found.func)
        if inspect.isfunction(found):
            return types.MethodType(found, owner)
        return getattr(owner.kind, node.attr) if found else _class_of(typing.get_type_hints(owner.kind).get(node.attr))


def _given_by(function: Any) -> Of | None:
    plain = getattr(function, "__func__", function)
    return _class_of(typing.get_type_hints(plain).get("return")) if inspect.isfunction(plain) else None


def _class_of(hint: Any) -> Of | None:
    some = [each for each in typing.get_args(hint) if each is not type(None)]
    only = some[0] if isinstance(hint, types.UnionType) and len(some) == 1 else hint
    return Of(only) if isinstance(only, type) else None


def misplaced(step: Step) -> tuple[int, list[str]]:
    """Return the number of a step's values that go to a parameter of their name, and the calls where one does not."""
    own, meaning = set(inspect.signature(step).parameters) - {"context"}, Meaning(step)
    right, wrong = 0, []
    for call in (node for node in ast.walk(body(step)) if isinstance(node, ast.Call)):
        asked = meaning.of(call.func)
        if not callable(asked) or any(isinstance(each, ast.Starred) for each in call.args):
            continue
        wanted = list(inspect.signature(asked).parameters)
        given = [*zip(wanted, call.args, strict=False), *((str(each.arg), each.value) for each in call.keywords)]
        for parameter, value in given:
            if isinstance(value, ast.Name) and value.id in own & set(wanted):
                right += value.id == parameter
                wrong += [ast.unparse(call)] * (value.id != parameter)
    return right, wrong


def test_each_value_of_a_phrase_goes_to_the_parameter_of_its_name() -> None:
    """Two numbers or two texts in the wrong order are of the right types."""
    found = {step.__name__: misplaced(step) for step, _ in every()}
    assert {name: wrong for name, (_, wrong) in found.items() if wrong} == {}
    assert sum(right for right, _ in found.values()) > 250


def refuse(status: int, reason: str) -> None:
    """Stands in for a check."""


def it_is_refused(context: Context, status: int, reason: str) -> None:  # noqa: ARG001
    refuse(reason, status)  # type: ignore[arg-type]


def test_values_in_the_wrong_order_are_seen() -> None:
    assert misplaced(it_is_refused) == (0, ["refuse(reason, status)", "refuse(reason, status)"])


# The ends of a table's history, and the words by which a phrase names them.
ENDS = {"snapshots[0]": "first snapshot", "snapshots[-1]": "latest snapshot"}


def test_a_step_takes_the_snapshot_that_its_phrase_names() -> None:
    taken = {
        (phrase, end) for step, phrase in every() for end in re.findall(r"snapshots\[[-\d]+\]", ast.unparse(body(step)))
    }
    assert len(taken) > 10
    # A phrase may name what is left: all but the latest one are as old as the first.
    wrong = [(phrase, end) for phrase, end in taken if ENDS[end] not in phrase and "all but the latest" not in phrase]
    assert wrong == []


def removals(step: Step) -> set[str]:
    """The nouns that a step removes at the end of a scenario, each with the verb: "trips.drop"."""
    calls = (node for node in ast.walk(body(step)) if isinstance(node, ast.Call))
    given = (ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "context.add_cleanup")
    return {each.removeprefix("context.") for each in given if re.fullmatch(r"context\.\w+\.\w+", each)}


def brought(step: Step) -> set[str]:
    """The nouns that a step keeps on the context."""
    lines = (node for node in ast.walk(body(step)) if isinstance(node, ast.Assign))
    return {ast.unparse(line.targets[0]).removeprefix("context.") for line in lines}


def test_what_one_step_removes_at_the_end_the_others_that_bring_it_remove_too() -> None:
    steps = [step for step, _ in every() if keywords(step) & {"given", "when"}]
    ends = defaultdict(set)
    for step in steps:
        for removal in removals(step):
            if (noun := removal.partition(".")[0]) in brought(step):
                ends[noun].add(removal)
    assert len(ends) > 20
    left = {
        step.__name__: removal
        for step in steps
        for noun in brought(step) & ends.keys()
        for removal in ends[noun] - removals(step)
    }
    assert left.keys() - GO_WITH.keys() == set(), left


def test_whoever_makes_a_team_has_it_removed() -> None:
    made = {}
    for step, _ in every():
        lines = list(map(ast.unparse, body(step).body))
        for number, line in enumerate(lines):
            if team := re.fullmatch(r"(\S+) = context\.suite\.team\(.*\)", line):
                made[step.__name__] = lines[number + 1] == f"context.add_cleanup(context.suite.remove, {team[1]})"
    assert len(made) > 15
    assert all(made.values()), [name for name, removed in made.items() if not removed]


# Who acts, in the words of phrases, and what of a step's code makes that so.
ACTORS = {
    r"\ba viewer\b": "VIEWER",
    r"\b(somebody|notebook user) without (a|the) token\b": "''",
    r"\banother data engineer\b": "context.platform.open_session()",
    r"\bin a new session\b": "context.platform.open_session()",
    r"\bstill holds\b": "open_session()",
    r"\bthe second data engineer\b": "context.colleague",
    r"^\w+ the second platform\b": "context.second",
    r"^\w+ (the other team's|the other team starts)\b": "context.other_queue",
    r"\bclient pod in the other namespace\b": "context.foreign_pod",
    r"\bkeys of before\b": "context.renewal.before",
    r"\bclient's\b|\bclient has\b": "client",
}


@pytest.mark.parametrize(("words", "code"), ACTORS.items())
def test_who_acts_in_a_phrase_acts_in_its_step(words: str, code: str) -> None:
    """The others see the same of a right platform, so that nobody would miss one who was to look."""
    told = {phrase: ast.unparse(body(step)) for step, phrase in every() if re.search(words, phrase)}
    assert told, "no phrase has these words any more"
    assert [phrase for phrase, text in told.items() if code not in text] == []
