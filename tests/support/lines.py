"""Values files taken apart line by line, and the criteria that have to miss each line."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from behave.model import Scenario, Step

from sparkproof.charts import renderings, values
from sparkproof.charts.renderings import Renderings
from sparkproof.core.errors import CheckFailed
from sparkproof.suite import phrases

_OTHERS = [("Exists", "Equal"), ("NoSchedule", "NoExecute"), ("applications", "drains")]

Keys = tuple[str | int, ...]


def lines(found: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value of a file by its path, those in lists too."""
    if isinstance(found, dict | list) and found:
        for key, value in found.items() if isinstance(found, dict) else enumerate(found):
            yield from lines(value, (*keys, key))
    else:
        yield keys, found


def other(value: Any) -> Any:
    """Return a value of the same kind that a file could have as well."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value in ("true", "false"):
        return "false" if value == "true" else "true"
    for pair in _OTHERS:
        if value in pair:
            return pair[1 - pair.index(value)]
    if number := re.match(r"\d+", value):
        return f"{int(number[0]) + 1}{value[number.end() :]}"
    return f"{value}-else"


def broken(chart: renderings.Chart, whole: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line of a file's values, dropped and with another value: what was done, and the values that are left."""
    for keys, value in lines(whole):
        for what in ("dropped", other(value)):
            left: Any = deepcopy(whole)
            inner = left
            for key in keys[:-1]:
                inner = inner[key]
            if what == "dropped":
                del inner[keys[-1]]
            else:
                inner[keys[-1]] = what
            # A line that says what holds without it may as well not be there.
            if values.merged(chart.values, left) != values.merged(chart.values, whole):
                yield f"{'.'.join(map(str, keys))}: {what}", left


def missed(made: Renderings, scenarios: Iterable[Scenario]) -> bool:
    """Return True if one of these criteria turns red for these renderings."""
    for scenario in scenarios:
        try:
            for step in scenario.steps[1:]:
                _check(step, made)
        except CheckFailed:
            return True
    return False


def _check(step: Step, made: Renderings) -> None:
    """Run one step of a criterion on these renderings."""
    found = phrases.match(step.step_type, step.name)
    assert found, step.name
    phrase, given, _ = found
    phrase.function(SimpleNamespace(renderings=made, table=step.table), **given)
