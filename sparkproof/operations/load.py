"""Load: data engineers who work at the same time, more of them step by step, and what each team gets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.places import one_reply
from sparkproof.spark.platform import Platform
from sparkproof.spark.work import sleeping

PROGRAM = Path(__file__).with_name("engineers.py")
_STEP_S = 6.0
_FLOODED_S = 40.0
_TEAM = "data team"
_MISSING = "SELECT count(*) FROM a_table_that_is_not_there"
# The statements of engineers: a usual one; one of a team that floods the platform; a short one of somebody else.
_USUAL, _FLOOD, _SHORT = (4, 50), (90, 1000), (2, 50)


@dataclass(frozen=True)
class Asked:
    """One statement of an engineer: when it was asked and how long it took, in seconds, and what came of it."""

    team: str
    at_s: float
    seconds: float
    value: int | None
    error: str


@dataclass(frozen=True)
class Step:
    """All that `engineers` engineers asked while they worked at the same time."""

    engineers: int
    asked: Sequence[Asked]

    @classmethod
    def run(cls, platform: Platform, users: Iterable[tuple[str, str]], seconds: float = _STEP_S) -> "Step":
        """Let these users, each a team and a statement, work for some seconds, from one client pod."""
        given = [{"team": team, "sql": sql} for team, sql in users]
        what = f"the answers to {len(given)} data engineers"
        reply = ask(platform, what, timeouts.LOAD, at_once=given, seconds=seconds)
        return cls(len(given), [Asked(*answer) for answer in reply["answers"]])

    @property
    def median_s(self) -> float:
        """The time in which half of the statements were answered."""
        return median([each.seconds for each in self.asked]) if self.asked else float("inf")

    @property
    def p95_s(self) -> float:
        """The time in which nineteen of twenty statements were answered."""
        if not self.asked:
            return float("inf")
        times = [each.seconds for each in self.asked]
        return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]

    @property
    def errors(self) -> Sequence[str]:
        """The errors that engineers got."""
        return [each.error for each in self.asked if each.error]

    def of(self, team: str) -> "Step":
        """Return what the engineers of one team asked."""
        return Step(self.engineers, [each for each in self.asked if each.team == team])

    def row(self) -> str:
        """Return the figures as a row of a table."""
        figures = f"{len(self.asked)} | {self.median_s:.2f} | {self.p95_s:.2f} | {len(self.errors)}"
        return f"| {self.engineers} | {figures} |"


def ask(platform: Platform, what: str, within_s: float, **request: Any) -> dict[str, Any]:
    """Run the engineers' program in the client pod and return its reply; raises GaveUp without one."""
    client = platform.workloads.place("client")
    return one_reply(client, ["python3", "-uc", PROGRAM.read_text()], request, what, within_s)


@dataclass(frozen=True)
class Load(evidence.Brought):
    """Steps of more and more engineers, up to the first at which something gave way; `gave_way` says what."""

    steps: Sequence[Step]
    gave_way: str
    value: int

    @classmethod
    def by_steps(cls, platform: Platform, numbers: Iterable[int], limit_s: float, *, wrong: bool = False) -> "Load":
        """Let so many engineers work at a time, step after step, until a statement fails or 5 % take over the limit.

        With `wrong`, one engineer of each step asks for a table that is not there.
        """
        steps: list[Step] = []
        gave_way = ""
        for number in numbers:
            asked = [sleeping(*_USUAL)] * (number - wrong) + [_MISSING] * wrong
            steps.append(step := Step.run(platform, ((_TEAM, sql) for sql in asked)))
            if step.errors:
                gave_way = f"with {number} engineers {len(step.errors)} statements failed, first: {step.errors[0]}"
            elif step.p95_s > limit_s:
                gave_way = f"with {number} engineers one of twenty statements took {step.p95_s:.2f} s or longer"
            if gave_way:
                break
        load = cls(steps, gave_way, sum(range(_USUAL[0])))
        load.evidence()
        return load

    @property
    def trouble(self) -> str | None:
        """What gave way."""
        return self.gave_way or None

    @property
    def to_read(self) -> str | None:
        """Engineers have worked."""
        return f"{len(self.steps)} steps of engineers have worked"

    @property
    def table(self) -> str:
        """The figures of each step, in Markdown."""
        head = ["| engineers | statements | p50 in s | p95 in s | errors |", "| --- | --- | --- | --- | --- |"]
        last = f"What gave way first: {self.gave_way or 'nothing, the last step was carried'}."
        return "\n".join([*head, *(step.row() for step in self.steps), "", last])

    def evidence(self) -> None:
        """Keep the table, and the picture."""
        evidence.attach("load", self.table, "text/markdown")
        evidence.attach("picture of the load", _picture(self.steps), "image/svg+xml")

    def must_be_carried(self, engineers: int) -> None:
        """Check that every step up to this number of engineers was carried, and that every answer was right."""
        evidence.look_at(self)
        wrong = [each for step in self.steps for each in step.asked if each.value != self.value]
        if self.gave_way or wrong or not self.steps or self.steps[-1].engineers != engineers:
            raise CheckFailed(
                f"The load of {engineers} engineers was not carried: {self.gave_way or 'it ended before'}; "
                f"{len(wrong)} answers are wrong.\n{self.table}"
            )
        counts = sum(len(step.asked) for step in self.steps)
        evidence.prove(Level.EXECUTED, f"All {counts} answers were right, up to {engineers} engineers at once")

    def must_have_stopped(self, steps: int, reason: str) -> None:
        """Check that the load stopped by itself after so many steps, and says why."""
        evidence.look_at(self)
        if len(self.steps) != steps or not self.gave_way or reason not in self.gave_way:
            raise CheckFailed(f"The load had to stop after {steps} steps because of {reason!r}.\n{self.table}")
        evidence.prove(Level.EXECUTED, f"The load stopped after {steps} steps: {self.gave_way}")


@dataclass(frozen=True)
class Teams(evidence.Brought):
    """What the engineers of several teams asked at the same time on one platform."""

    step: Step

    @classmethod
    def share(cls, platform: Platform, engineers: Mapping[str, int]) -> "Teams":
        """Let so many engineers of each team ask the usual statement."""
        return cls._of(platform, ((team, sleeping(*_USUAL)) for team, count in engineers.items() for _ in range(count)))

    @classmethod
    def flooded(cls, platform: Platform, flood: str, other: str) -> "Teams":
        """Let an engineer of one team ask for more than the platform can do at once, and one of another for little.

        Of statements that have no task at work Spark serves the one that began first, so that more statements than
        tasks that run at once keep later ones waiting, fair pool or not.
        """
        return cls._of(platform, [(flood, sleeping(*_FLOOD)), (other, sleeping(*_SHORT))], _FLOODED_S)

    @classmethod
    def _of(cls, platform: Platform, users: Iterable[tuple[str, str]], seconds: float = _STEP_S) -> "Teams":
        teams = cls(Step.run(platform, users, seconds))
        for team in sorted({each.team for each in teams.step.asked}):
            own = teams.step.of(team)
            evidence.attach(f"load of {team}", f"p50 {own.median_s:.2f} s, p95 {own.p95_s:.2f} s, {own.row()}")
        return teams

    @property
    def trouble(self) -> str | None:
        """The first error that an engineer got."""
        return self.step.errors[0] if self.step.errors else None

    @property
    def to_read(self) -> str | None:
        """Engineers have worked."""
        return f"{self.step.engineers} engineers have worked"

    def must_get(self, team: str, least: int, most: int) -> None:
        """Check that the team's part of all answers, in percent, is within these limits."""
        self._must_be_answered()
        counts = Counter(each.team for each in self.step.asked)
        part = 100 * counts[team] / sum(counts.values())
        if not least <= part <= most:
            raise CheckFailed(f"{team} got {part:.0f} % of the answers, not {least} to {most} %: {dict(counts)}")
        evidence.prove(Level.EXECUTED, f"{team} got {part:.0f} % of the answers: {dict(counts)}")

    def must_not_starve(self, team: str, flood: str, times: float) -> None:
        """Check that each of the team's statements was answered so many times as fast as half of the flood's."""
        own, other = self._longest(team, flood)
        if own * times > other:
            raise CheckFailed(
                f"{team} waited {own:.2f} s for a short statement, and {flood} {other:.2f} s for a long one."
            )
        evidence.prove(Level.EXECUTED, f"{team} waited {own:.2f} s at most, and {flood}, which floods, {other:.2f} s")

    def must_starve(self, team: str, flood: str, times: float) -> None:
        """Check that the team had to wait for the flood: one of its short statements took nearly as long."""
        own, other = self._longest(team, flood)
        if own * times <= other:
            raise CheckFailed(f"{team} waited only {own:.2f} s for a short statement, and {flood} {other:.2f} s.")
        evidence.prove(Level.EXECUTED, f"{team} waited up to {own:.2f} s for a short statement, {flood} {other:.2f} s")

    def _longest(self, team: str, flood: str) -> tuple[float, float]:
        """Return the longest time of a team's statement, and the time in which half of the flood's were answered.

        What a team asks between two statements of the flood is answered at once, and may be more than half.
        """
        self._must_be_answered()
        own, other = self.step.of(team), self.step.of(flood)
        if not own.asked or not other.asked:
            raise CheckFailed(
                f"{team} has {len(own.asked)} answers and {flood} {len(other.asked)}, so nothing was shared."
            )
        return max(each.seconds for each in own.asked), other.median_s

    def _must_be_answered(self) -> None:
        evidence.look_at(self)
        if self.step.errors or not self.step.asked:
            raise CheckFailed(f"Engineers got {len(self.step.errors)} errors: {self.step.errors[:1]}")


def _picture(steps: Sequence[Step]) -> bytes:
    """Return an SVG of the times by the number of engineers."""
    # Imported here because only a load draws a picture.
    import pygal

    # Without scripts: a report must load nothing from other places.
    chart = pygal.XY(js=[], height=320, x_title="engineers at once", y_title="seconds", legend_at_bottom=True)
    chart.add("p50", [(step.engineers, step.median_s) for step in steps if step.asked])
    chart.add("p95", [(step.engineers, step.p95_s) for step in steps if step.asked])
    return bytes(chart.render())
