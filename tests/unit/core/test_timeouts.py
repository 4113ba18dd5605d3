"""Limits of waits: those that criteria name are what they say, and no other is so long that its end proves nothing."""

import pytest

from sparkproof.core import timeouts

LIMITS = {name: value for name, value in vars(timeouts).items() if name.isupper()}
# The limits behind phrases that name a time, as in "within two minutes".
NAMED = {
    "WORK_GONE": (60, "a cancelled run's work ends within a minute"),
    "SUBMISSION_ENDED": (60, "no pod of a cancelled application is left within a minute"),
    "DAG_SEEN": (120, "a changed DAG is seen within two minutes"),
    "AT_REST": (60, "what is to stay as it is is watched for a minute"),
}
# The most seconds of waits whose end is the criterion: what comes later is as good as not there.
MOST = {
    "POLICY": (30, "a client that a policy cuts off could go on"),
    "QUOTA": (30, "a team could take what its quota does not have"),
    "SERVICE_BACK": (15, "users would find nobody behind a Service that is back"),
    "METRICS": (30, "a healthy platform could have an alert"),
    "ALERT": (120, "nobody would be told of a problem for longer"),
    "EXECUTORS": (90, "a query would wait for its first executor"),
    "EXECUTORS_GONE": (120, "executors that nobody needs are paid for, which are promised to go within two minutes"),
    "HISTORY": (20, "work that ended would not be shown"),
    "ARCHIVE": (60, "an application that ended would not be in the history"),
    "NODE_READY": (30, "a simulated node is there at once"),
    "PLACEMENT": (60, "a scheduler that finds no place would not say so"),
    "CONTROL_PLANE_STOPPED": (120, "a control plane that goes on is not stopped"),
    "PATIENCE": (2, "a query that waits is looked at for a moment"),
    "POLL": (1, "what came is seen later than it came"),
    "CONNECTION": (5, "a connection that comes late counts as one"),
}  # fmt: skip
# The longest of all others, but for what is fetched, built, or takes long by itself.
_LONGEST_S = 600
_LONG = {"HELM_TEST", "DOWNLOAD", "GO_BUILD", "IMAGE_BUILD", "CHARTS"}


@pytest.mark.parametrize("name", NAMED)
def test_a_limit_that_a_phrase_names_is_what_it_says(name: str) -> None:
    wanted, phrase = NAMED[name]
    assert LIMITS[name] == wanted, f"timeouts.{name} is {LIMITS[name]:g} s, and criteria say that {phrase}"


@pytest.mark.parametrize("name", MOST)
def test_a_limit_is_not_so_long_that_its_end_proves_nothing(name: str) -> None:
    most, otherwise = MOST[name]
    assert LIMITS[name] <= most, f"timeouts.{name} is {LIMITS[name]:g} s, so that {otherwise}; at most {most} s"


def test_no_other_limit_is_longer_than_ten_minutes() -> None:
    long = {name: value for name, value in LIMITS.items() if value > _LONGEST_S and name not in _LONG}
    assert not long, f"What comes after ten minutes does not come for who waits: {long}"
