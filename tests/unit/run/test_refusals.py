"""A refusal is said in its own words, and one of behave's with its name."""

from behave.exception import ConfigError, TagExpressionError
from behave.parser import ParserError

from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.run.refusals import REFUSALS, told


def test_an_own_refusal_is_its_sentence() -> None:
    assert told(UsageError("No feature can be read.")) == "No feature can be read."
    assert issubclass(UsageError, SparkproofError)


def test_a_refusal_of_behaves_is_named() -> None:
    assert told(ConfigError("no such runner")) == "ConfigError: no such runner"
    assert {ConfigError, TagExpressionError, ParserError, SparkproofError} <= set(REFUSALS)
