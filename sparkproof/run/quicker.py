"""Answers of behave's statuses, looked up: behave compares each with up to twelve others, 130 times a scenario."""

from collections.abc import Callable

from behave.model_type import Status

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


def _answering(answers: dict[int, bool]) -> Callable[[Status], bool]:
    def answer(status: Status) -> bool:
        return answers[status._value_]

    return answer
