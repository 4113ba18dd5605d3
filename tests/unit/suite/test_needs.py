"""Steps and what they need: nouns of earlier steps, a table or a text below them, and nothing that nobody reads."""

from collections.abc import Iterator

import pytest
from behave import runner as behave_runner
from behave.parser import parse_feature
from behave.step_registry import StepRegistry

from sparkproof.core.errors import UsageError
from sparkproof.suite import needs
from sparkproof.suite.context import Context


def a_platform(context: Context) -> None:
    context.session = context.suite.install(context.suite.team()).open_session()


def a_statement(context: Context) -> None:
    context.answer = context.session.sql(context.text)


def the_answer(context: Context) -> None:
    context.answer.must_hold([tuple(row) for row in context.table])


def the_rows_of(context: Context) -> None:
    # The table of a noun is not the one below the step.
    print(context.application.table)


def an_application(context: Context) -> None:
    context.application = context.suite.releases  # type: ignore[assignment]
    print(context.application.table)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    registry = StepRegistry()
    for phrase, function in (
        ("a platform", a_platform),
        ("a statement", a_statement),
        ("the answer", the_answer),
        ("the rows of", the_rows_of),
        ("an application", an_application),
    ):
        registry.add_step_definition("step", phrase, function)
    monkeypatch.setattr(behave_runner, "the_step_registry", registry)
    yield
    needs.of.cache_clear()


TABLE = "\n      | n |\n      | 1 |"
TEXT = '\n      """\n      SELECT 1\n      """'


def check(*steps: str, background: str = "") -> None:
    lines = "".join(f"    {step}\n" for step in steps)
    before = f"  Background:\n    {background}\n" if background else ""
    feature = parse_feature(f"Feature: F\n{before}  Scenario: S\n{lines}", filename="f.feature")
    assert feature
    needs.check(feature.walk_scenarios())


def test_a_scenario_whose_steps_have_all_that_they_read_is_right() -> None:
    check("Given a platform", f"When a statement{TEXT}", f"Then the answer{TABLE}")
    check(f"When a statement{TEXT}", f"Then the answer{TABLE}", background="Given a platform")
    check("When an application", "Then the rows of")


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (
            [f"When a statement{TEXT}", "Given a platform"],
            'f.feature:3: "a statement" needs session, which',
        ),
        (["Given a platform", f"Then the answer{TABLE}"], 'f.feature:4: "the answer" needs answer, which no step'),
        (["Given a platform", "When a statement"], 'f.feature:4: "a statement" needs a text below it'),
        (["Given a platform", f"When a statement{TEXT}", "Then the answer"], '"the answer" needs a table below it'),
        ([f"Given a platform{TABLE}"], '"a platform" does not read the table below it'),
        ([f"Given a platform{TEXT}"], '"a platform" does not read the text below it'),
        (["When an application", f"Then the rows of{TABLE}"], '"the rows of" does not read the table below it'),
    ],
)
def test_what_is_missing_or_read_by_nobody_is_named_with_its_line(steps: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as wrong:
        check(*steps)
    assert sentence in str(wrong.value)


def test_a_phrase_that_nobody_defined_is_left_to_behave() -> None:
    check("Given something else", f"Then the answer{TABLE}")
