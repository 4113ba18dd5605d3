"""Answers of behave's that are always the same, kept.

behave compares each status with up to twelve others, 130 times a scenario, asks for the path of a step's function with
every step, and for the relative path of a file with each of its statements.
"""

import functools
import os
from collections.abc import Callable
from typing import Any

from behave import model_core
from behave.matchers import Match
from behave.model_type import FileLocation, Status

_QUESTIONS = (
    "has_failed",
    "is_passed",
    "is_error",
    "is_hook_error",
    "is_untested",
    "is_pending",
    "is_undefined",
    "is_final",
)


def look_up_statuses() -> None:
    """Let every status keep its answers; they are those that behave's own code gives."""
    for name in _QUESTIONS:
        question = getattr(Status, name)
        if question.__module__ != __name__:
            setattr(Status, name, _answering({status.value: question(status) for status in Status}))


def keep_locations() -> None:
    """Let a place be looked for once in each working folder: a step's function's, and that of a file of features."""
    asked = Match.make_location
    if asked.__module__ == Match.__module__:
        Match.make_location = staticmethod(_keeping(asked))
    relative = model_core.make_relpath_if_possible
    if not hasattr(relative, "cache_info"):
        model_core.make_relpath_if_possible = functools.lru_cache(maxsize=4096)(relative)


def _keeping(asked: Callable[[Any], FileLocation]) -> Callable[[Any], FileLocation]:
    @functools.lru_cache(maxsize=4096)
    def found(function: Any, _folder: str) -> tuple[str, int]:
        place = asked(function)
        return place.filename, place.line

    def make_location(function: Any) -> FileLocation:
        try:
            return FileLocation(*found(function, os.getcwd()))  # noqa: PTH109 - asked with every step
        except (TypeError, OSError):  # it is no key, or the folder is gone: behave answers, or says why not
            return asked(function)

    return make_location


def _answering(answers: dict[int, bool]) -> Callable[[Status], bool]:
    def answer(status: Status) -> bool:
        return answers[status._value_]

    return answer
