"""The errors that a user is meant to read: one sentence that says what is wrong and what to do."""

from enum import StrEnum
from typing import NamedTuple

_TRACEBACK = "Traceback (most recent call last):"


class SparkproofError(Exception):
    """Something outside the code is wrong (input, machine, cluster); its text is shown without a traceback."""


class UsageError(SparkproofError):
    """The request of the user cannot be understood: an unknown setting, tag, version, context or file."""


class CheckFailed(AssertionError):
    """A check of a criterion did not hold; behave reports the step as failed, not as an error."""


def first_line(text: str) -> str:
    """Return the first line of a message that says something; of a traceback of Python, the error that it ends with."""
    lines = (line.rstrip() for line in text.splitlines() if line.strip())
    first = next(lines, "").strip()
    if not first.endswith(_TRACEBACK):
        return first
    # The frames are indented.
    error = next((line for line in lines if not line.startswith(" ")), _TRACEBACK)
    return first.removesuffix(_TRACEBACK) + error


class Reason(StrEnum):
    """The classes of what goes wrong on a cluster."""

    IMAGE = "an image cannot be pulled"
    UNSCHEDULABLE = "a pod finds no node"
    QUOTA = "a quota refused it"
    WEBHOOK = "an admission webhook refused it"
    MEMORY = "a program was killed for memory"
    NODE = "a node was lost"
    API = "the API server did not serve"
    PROGRAM = "a program ended"
    OTHER = "something else"


class Cause(NamedTuple):
    """A cause: the class of trouble, and one sentence in the words of its source."""

    reason: Reason
    sentence: str
