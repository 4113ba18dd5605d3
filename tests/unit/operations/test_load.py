"""Load: figures follow from the answers, the load stops where something gives way, and a starved team is seen."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.operations.load import Asked, Load, Step, Teams
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

RIGHT = sum(range(4))


def platform(*replies: Sequence[tuple[str, float, Any, str]], sent: list[Any] | None = None) -> RecordedPlatform:
    """A platform whose client pod answers each request with (team, seconds, value, error) of its statements."""
    left = list(replies)

    def reply(line: str) -> str:
        if sent is not None:
            sent.append(json.loads(line))
        answers = [[team, 0.1, seconds, value, error] for team, seconds, value, error in left.pop(0)]
        return json.dumps({"answers": answers})

    return RecordedPlatform(
        RecordedKube(pod("spark-client-0", "client"), programs=lambda *_: RecordedStreams(reply=reply))
    )


def good(*seconds: float, team: str = "data team") -> list[tuple[str, float, Any, str]]:
    return [(team, each, RIGHT, "") for each in seconds]


def test_figures_follow_from_the_answers() -> None:
    step = Step(2, [Asked("a", 0.0, float(each), RIGHT, "") for each in range(1, 22)])
    assert (step.median_s, step.p95_s) == (11.0, 20.0)
    assert step.row() == "| 2 | 21 | 11.00 | 20.00 | 0 |"
    assert Step(1, [Asked("a", 0.0, 3.0, RIGHT, "")]).p95_s == 3.0
    assert Step(1, []).median_s == Step(1, []).p95_s == float("inf")


def test_a_load_that_is_carried_is_proved(record: Record) -> None:
    sent: list[Any] = []
    load = Load.by_steps(platform(good(1.0), good(1.0, 2.0), sent=sent), [1, 2], 30.0)
    load.must_be_carried(2)
    assert record.proofs[0].seen == "All 3 answers were right, up to 2 engineers at once"
    assert record.level is Level.EXECUTED
    assert [len(each["at_once"]) for each in sent] == [1, 2]
    assert load.trouble is None
    assert "nothing, the last step was carried" in load.table
    assert [each.media_type for each in record.items] == ["text/markdown", "image/svg+xml"]
    with pytest.raises(CheckFailed, match="it ended before"):
        load.must_be_carried(4)


def test_a_load_of_other_steps_is_not_the_one_that_was_asked_for(record: Record) -> None:
    load = Load.by_steps(platform(good(1.0), good(1.0, 1.0), good(1.0, 1.0, 1.0, 1.0)), [1, 2, 4], 30.0)
    load.must_be_carried(4)
    with pytest.raises(CheckFailed, match="The load of 2 engineers was not carried: it ended before"):
        load.must_be_carried(2)
    assert len(record.proofs) == 1


@pytest.mark.usefixtures("record")
def test_a_wrong_answer_is_seen() -> None:
    wrong = Load.by_steps(platform([("data team", 1.0, RIGHT + 1, "")]), [1], 30.0)
    with pytest.raises(CheckFailed, match="1 answers are wrong"):
        wrong.must_be_carried(1)
    with pytest.raises(CheckFailed, match="was not carried"):
        Load.by_steps(platform(), [], 30.0).must_be_carried(0)


def test_a_load_stops_where_something_gives_way(record: Record) -> None:
    slow = Load.by_steps(platform(good(1.0), good(1.0, 99.0), good(1.0)), [1, 2, 4], 30.0)
    slow.must_have_stopped(2, "one of twenty statements took")
    sent: list[Any] = []
    refused = Load.by_steps(platform([*good(1.0), ("a", 1.0, None, "NOT_FOUND")], sent=sent), [2, 4], 30.0, wrong=True)
    refused.must_have_stopped(1, "NOT_FOUND")
    assert "not_there" in sent[0]["at_once"][-1]["sql"]
    assert len(record.proofs) == 2
    with pytest.raises(CheckFailed, match="was not carried: with 2 engineers 1 statements failed"):
        refused.must_be_carried(2)
    for steps, reason in ((2, "NOT_FOUND"), (1, "slow")):
        with pytest.raises(CheckFailed, match="had to stop"):
            refused.must_have_stopped(steps, reason)
    with pytest.raises(CheckFailed, match="had to stop"):
        Load.by_steps(platform(good(1.0)), [1], 30.0).must_have_stopped(1, "")


def teams(*answers: tuple[str, float, Any, str]) -> Teams:
    return Teams.share(platform(answers), {"a": 1, "b": 1})


def test_what_teams_get_is_compared(record: Record) -> None:
    even = teams(*good(1.0, 1.0, team="a"), *good(1.0, 1.0, team="b"))
    even.must_get("a", 35, 65)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen.startswith("a got 50 % of the answers")
    even.must_get("a", 50, 50)
    for least, most in ((51, 100), (0, 49)):
        with pytest.raises(CheckFailed, match="a got 50 % of the answers"):
            even.must_get("a", least, most)
    with pytest.raises(CheckFailed, match=r"1 errors: \[.*lost"):
        teams(*good(1.0, team="a"), ("b", 1.0, None, "lost")).must_get("a", 0, 100)
    with pytest.raises(CheckFailed, match=r"^Engineers got 2 errors: \['[^']*gone[^']*'\]$"):
        teams(("a", 1.0, None, "gone"), ("b", 1.0, None, "lost")).must_get("a", 0, 100)
    with pytest.raises(CheckFailed, match="0 errors"):
        teams().must_get("a", 0, 100)


def test_a_team_that_starves_is_seen(record: Record) -> None:
    sent: list[Any] = []
    quick = Teams.flooded(platform([*good(9.0, team="a"), *good(1.0, team="b")], sent=sent), "a", "b")
    assert [each["team"] for each in sent[0]["at_once"]] == ["a", "b"]
    quick.must_not_starve("b", "a", 3)
    slow = teams(*good(9.0, team="a"), *good(4.0, team="b"))
    slow.must_starve("b", "a", 3)
    assert len(record.proofs) == 2
    teams(*good(6.0, team="a"), *good(2.0, team="b")).must_not_starve("b", "a", 3)
    with pytest.raises(CheckFailed, match=r"b waited only 2\.00 s"):
        teams(*good(6.0, team="a"), *good(2.0, team="b")).must_starve("b", "a", 3)
    with pytest.raises(CheckFailed, match=r"b waited 4\.00 s for a short statement"):
        slow.must_not_starve("b", "a", 3)
    with pytest.raises(CheckFailed, match=r"b waited only 1\.00 s"):
        quick.must_starve("b", "a", 3)
    between = teams(*good(9.0, team="a"), *good(0.1, 0.1, 0.1, 4.0, team="b"))
    between.must_starve("b", "a", 3)
    with pytest.raises(CheckFailed, match=r"b waited 4\.00 s for a short statement"):
        between.must_not_starve("b", "a", 3)
    with pytest.raises(CheckFailed, match="nothing was shared"):
        teams(*good(9.0, team="a")).must_not_starve("b", "a", 3)
