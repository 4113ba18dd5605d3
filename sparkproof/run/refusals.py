"""What the project and behave itself refuse before anything runs, as they say it."""

from behave.exception import (
    ClassNotFoundError,
    ConfigError,
    ConstraintError,
    InvalidClassError,
    InvalidFileLocationError,
    InvalidFilenameError,
    TagExpressionError,
)
from behave.parser import ParserError

from sparkproof.core.errors import SparkproofError

REFUSALS = (
    SparkproofError,
    ConfigError,
    ConstraintError,
    ClassNotFoundError,
    InvalidClassError,
    InvalidFileLocationError,
    InvalidFilenameError,
    ParserError,
    TagExpressionError,
)


def told(refused: Exception) -> str:
    """Return the sentence for one of REFUSALS; behave's own errors need their names to be understood."""
    return str(refused) if isinstance(refused, SparkproofError) else f"{type(refused).__name__}: {refused}"
