"""Backups: a schedule that passes over a day is found, and so is one that is suspended or not there."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from sparkproof.charts import promises, renderings
from sparkproof.charts.promises import View
from sparkproof.charts.promises.backups import why_too_seldom
from tests.support.rendering import ALL

OFTEN = promises.named("a backup is taken at least every 24 hours")


@cache
def backed_up() -> View:
    charts = [chart for chart in ALL if "4.1" in chart.name]
    return next(
        one.view for one in renderings.rendered(renderings.with_preset(charts, "backup")) if one.view.kind("CronJob")
    )


def breaches(change: Callable[[Any], object]) -> list[str]:
    """What breaks the promise after a change of the CronJob."""
    found = deepcopy(backed_up())
    change(found.kind("CronJob")[0])
    return list(OFTEN.breaches(found))


def test_the_schedule_of_the_charts_keeps_the_promise() -> None:
    assert list(OFTEN.breaches(backed_up())) == []


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda job: job["spec"].update(suspend=True), "is suspended, so none is taken"),
        (
            lambda job: job["spec"].update(schedule="17 1 * * 1-5"),
            "'17 1 * * 1-5' leaves more than 24 hours without one: it passes over the day of the week 0",
        ),
        (lambda job: job.update(kind="Job"), "there are 0 schedules of backups; expected 1"),
        (lambda job: job["spec"].pop("schedule"), "does not have the five fields"),
    ],
)
def test_backups_that_are_taken_too_seldom_are_found(change: Callable[[Any], object], cause: str) -> None:
    (found,) = breaches(change)
    assert cause in found


def test_a_schedule_is_found_where_backups_are_off() -> None:
    found = deepcopy(backed_up())
    found.case.__dict__["effective"] = {**found.values, "backup": {**found.values["backup"], "enabled": False}}
    assert list(OFTEN.breaches(found)) == ["there are 1 schedules of backups; expected 0"]


@pytest.mark.parametrize(
    "schedule",
    [
        "17 */6 * * *",
        "30 1 * * *",
        "0 0 */1 1-12 0-6",
        "0 0 1-15,16-31 * 1-7",
        "* * * * *",
        "0 3 1/1 * 0,1-6",
        "59 23 * * *",
    ],
)
def test_a_schedule_of_each_day_is_often_enough(schedule: str) -> None:
    assert why_too_seldom(schedule) is None


@pytest.mark.parametrize(
    ("schedule", "cause"),
    [
        ("0 3 29 2 *", "the day of the month 1"),
        ("0 3 1-30 * *", "the day of the month 31"),
        ("0 3 */2 * *", "the day of the month 2"),
        ("0 3 5 * *", "the day of the month 1"),
        ("0 3 * 1-11 *", "the month 12"),
        ("0 3 * JAN *", "the month 1"),
        ("0 3 * * 1-6", "the day of the week 0"),
        ("0 3 * * 7", "the day of the week 1"),
        ("0 3 * * MON", "the day of the week 0"),
        ("0 3 * * MON-FRI", "the day of the week 0"),
        ("0 3 * *", "five fields"),
    ],
)
def test_a_schedule_that_passes_over_a_day_is_too_seldom(schedule: str, cause: str) -> None:
    assert cause in str(why_too_seldom(schedule))
