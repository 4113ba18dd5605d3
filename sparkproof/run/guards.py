"""Keeps the results when code of others breaks: formatters, and hooks of the run."""

import functools
from collections.abc import Callable
from typing import Any

from behave.formatter.base import Formatter

from sparkproof.run.outcome import sentence
from sparkproof.run.results import Results

_EVENTS = (
    "uri",
    "feature",
    "background",
    "rule",
    "rule_finished",
    "scenario",
    "step",
    "match",
    "result",
    "eof",
    "close",
)


def noting_failure(name: str, hook: Callable[..., Any], results: Results) -> Callable[..., Any]:
    """The hook, with what it raises noted as a cause of failure: behave prints it and forgets it."""

    @functools.wraps(hook)
    def noting(*args: Any) -> Any:
        try:
            return hook(*args)
        except Exception as broken:
            results.cause(f"{name}: {sentence(broken)}")
            raise

    return noting


def guard(formatter: Formatter, results: Results) -> None:
    """A formatter that breaks is silenced and makes the run a failure; it must not take the other results with it."""
    for event in _EVENTS:
        call = getattr(formatter, event, None)
        if call is not None:
            setattr(formatter, event, _guarded(formatter, call, results))


def _guarded(formatter: Formatter, call: Callable[..., Any], results: Results) -> Callable[..., Any]:
    def guarded(*args: Any) -> Any:
        if getattr(formatter, "_broken", False):
            return None
        try:
            return call(*args)
        except Exception as broken:
            formatter._broken = True
            results.cause(f"Formatter {type(formatter).__name__} broke: {sentence(broken)}")
            return None

    return guarded
