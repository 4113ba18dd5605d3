"""Promises of backups: how much work may lie between two of them."""

from collections.abc import Iterator

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import View, component_of

_FIELDS = 5
# The fields of a schedule that choose days, with their first and last number: of the month, the month, of the week.
_OF_DAYS = {2: ("day of the month", 1, 31), 3: ("month", 1, 12), 4: ("day of the week", 0, 6)}


@promise("a backup is taken at least every 24 hours")
def _often(view: View) -> Iterator[str]:
    found = [each.get("spec", {}) for each in view.kind("CronJob") if component_of(each) == "backup"]
    if len(found) != view.enabled("backup"):
        yield f"there are {len(found)} schedules of backups; expected {int(view.enabled('backup'))}"
    for spec in found:
        if spec.get("suspend"):
            yield "the schedule of the backups is suspended, so none is taken"
        if reason := why_too_seldom(str(spec.get("schedule"))):
            yield f"the backups' schedule {spec.get('schedule')!r} leaves more than 24 hours without one: {reason}"


def why_too_seldom(schedule: str) -> str | None:
    """Return why a schedule, as cron writes it, leaves more than 24 hours between two times of it, or None.

    Its times are the same on each day that it chooses. So there are at most 24 hours between two of them if it chooses
    each day, and more where it passes over one. One that chooses days of the month and of the week, of which cron takes
    either, is refused: who wants each day writes `*` in both.
    """
    fields = schedule.split()
    if len(fields) != _FIELDS:
        return "it does not have the five fields of a schedule"
    for place, (name, first, last) in _OF_DAYS.items():
        if missing := set(range(first, last + 1)) - _chosen(fields[place], first, last):
            return f"it passes over the {name} {min(missing)}"
    return None


def _chosen(field: str, first: int, last: int) -> set[int]:
    """Return the numbers that a field of a schedule chooses; a name ("MON", "JAN") chooses none."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, _, end = span.partition("-")
        if span == "*":
            begin, end = str(first), str(last)
        if begin.isdigit():
            # A step without an end goes on to the last number.
            until = int(end) if end.isdigit() else last if step else int(begin)
            found |= set(range(int(begin), until + 1, int(step or 1)))
    # Cron knows Sunday as 0 and as 7.
    return {number % 7 for number in found} if last == 6 else found
