"""behave's hooks: a scenario that passed without proof, that looked at nothing, or that has a fault, does not pass."""

from types import SimpleNamespace
from typing import Any

import pytest

import environment
from sparkproof.cluster import target
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError, UsageError
from sparkproof.core.evidence import Level
from sparkproof.core.resources import Isolation, Reservation
from sparkproof.kube import diagnosis
from sparkproof.platform.classes import PlatformClaim
from sparkproof.run import About, Unsupported
from sparkproof.spark.session import Answer
from sparkproof.suite import tags
from sparkproof.suite.checks import Checked


class Scenario(SimpleNamespace):
    """A scenario as hooks see it: its tags, how it stands, and the reason for which it is skipped."""

    def __init__(self, *tags: str, status: str = "passed") -> None:
        failed = status in ("failed", "error")
        super().__init__(
            location="features/a.feature:3", name="A claim holds", effective_tags=set(tags), skipped=[],
            status=SimpleNamespace(name=status, has_failed=lambda: failed),
        )  # fmt: skip

    def skip(self, reason: str) -> None:
        self.skipped.append(reason)


class OfScenario:
    """A suite that notes which scenarios began and ended, and what it was to keep."""

    def __init__(self, keep: str = "") -> None:
        self.settings = SimpleNamespace(keep=keep, spark="4.1.1")
        self.begun: list[str] = []
        self.ended = self.kept = lambda *_: None
        self.kept_teams: list[Any] = []
        self.awaited: list[Any] = []
        additions = SimpleNamespace(
            have=self.awaited.append,
            reserved=lambda names: frozenset(f"add-on {name}" for name in names if name == "keda"),
            there={"add-on kueue"},
        )
        self.provider = SimpleNamespace(additions=additions)

    def began(self, key: str) -> None:
        self.begun.append(key)

    def keep(self, team: Any) -> None:
        self.kept_teams.append(team)

    def lack(self, capabilities: list[str], _needs: Any) -> str:
        return "no node offers nvidia.com/gpu" if "gpu" in capabilities else ""


KEY = "features/a.feature:3 A claim holds"
# The suite that the plan was made with.
SUITE = environment.suite


@pytest.fixture(autouse=True)
def suite(monkeypatch: pytest.MonkeyPatch) -> OfScenario:
    own = OfScenario()
    monkeypatch.setattr(environment, "suite", own)
    monkeypatch.setitem(environment.checked, KEY, Checked())
    return own


def context(**nouns: Any) -> Any:
    return SimpleNamespace(aborted=False, add_cleanup=lambda *_: None, **nouns)


def test_a_scenario_that_passed_and_proved_something_passes() -> None:
    evidence.prove(Level.EXECUTED, "the answer is right")
    environment.after_scenario(context(), Scenario())


def test_a_scenario_that_passed_and_proved_nothing_does_not_pass() -> None:
    with pytest.raises(CheckFailed, match="no check recorded what it saw, so nothing was proved"):
        environment.after_scenario(context(), Scenario())


def test_a_scenario_that_passed_and_looked_at_no_refusal_does_not_pass() -> None:
    evidence.prove(Level.EXECUTED, "something else is right")
    Answer("DROP ALL", "tag", 0.1, refusal="there is no such statement")
    with pytest.raises(CheckFailed, match=r"Spark refused 'DROP ALL': .*; no check looked at that"):
        environment.after_scenario(context(), Scenario())


@pytest.mark.parametrize("kind", ["given", "when"])
def test_a_preparation_that_brought_a_refusal_is_none(kind: str) -> None:
    Answer("DROP ALL", "tag", 0.1, refusal="there is no such statement")
    step = SimpleNamespace(step_type=kind, status=SimpleNamespace(name="passed"))
    if kind == "when":
        environment.after_step(context(), step)
        return
    with pytest.raises(SparkproofError, match="Spark refused 'DROP ALL'"):
        environment.after_step(context(), step)


def test_a_scenario_with_a_fault_is_broken_and_not_skipped(suite: OfScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(environment.checked, KEY, Checked(faults=("features/a.feature:4: no phrase says that",)))
    scenario = Scenario()
    with pytest.raises(UsageError, match="no phrase says that"):
        environment.before_scenario(context(), scenario)
    assert not scenario.skipped and not suite.begun


def test_a_scenario_whose_capability_is_absent_is_skipped_with_the_reason(suite: OfScenario) -> None:
    absent, able = Scenario("requires.gpu"), Scenario("connect")
    environment.before_scenario(context(), absent)
    environment.before_scenario(context(), able)
    assert (absent.skipped, able.skipped) == (["no node offers nvidia.com/gpu"], [])
    assert suite.begun == [KEY, KEY]


@pytest.mark.parametrize(("version", "by_vendor"), [("3.5.7", False), ("4.1.0", True)])
def test_what_is_only_missing_here_is_not_laid_on_the_vendor(version: str, by_vendor: bool) -> None:
    lack = environment.lack(Scenario("rapids", f"spark.{version}"))
    assert f"Spark {version}" in lack
    assert isinstance(lack, Unsupported) is by_vendor
    assert environment.lack(Scenario("rapids", "spark.4.1.1")) == ""
    assert environment.lack(Scenario(f"spark.{version}")) == ""


@pytest.mark.parametrize(
    ("status", "keep", "kept"), [("failed", "failed", ["team"]), ("failed", "", []), ("passed", "failed", [])]
)
def test_a_failed_scenario_keeps_its_evidence_and_its_team_where_that_is_asked(
    suite: OfScenario, status: str, keep: str, kept: list[str]
) -> None:
    evidence.prove(Level.EXECUTED, "the answer is right")
    suite.settings.keep = keep
    told: list[str] = []
    noun = SimpleNamespace(evidence=lambda: told.append("the last statement"))
    environment.after_scenario(context(team="team", answer=noun), Scenario(status=status))
    assert suite.kept_teams == kept
    assert told == (["the last statement"] if status == "failed" else [])


def test_platforms_are_shared_with_others_and_who_disturbs_one_has_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = frozenset([PlatformClaim("lakehouse", "4.1.1")])
    monkeypatch.setitem(environment.checked, KEY, Checked(claims=claims))
    lake = frozenset(["lakehouse platform of Spark 4.1.1"])
    assert environment.reservation(Scenario("lock.history")) == Reservation(locks=frozenset(["history"]), shared=lake)
    assert environment.reservation(Scenario("sole-user")) == Reservation(locks=lake, shared=lake)
    assert environment.reservation(Scenario("sole-user", "requires.gpu")) == Reservation()
    both = lake | {"add-on keda"}
    assert environment.reservation(Scenario("sole-user", "requires.keda")) == Reservation(locks=lake, shared=both)


def test_a_scenario_waits_for_what_it_needs_and_one_alone_for_all_that_starts(suite: OfScenario) -> None:
    alone = Scenario("serial", "requires.control-plane")
    for scenario in (Scenario("connect", "requires.keda"), alone, Scenario("requires.gpu", "requires.keda")):
        environment.before_scenario(context(), scenario)
    # The last one is skipped.
    assert suite.awaited == [["keda"], None]


@pytest.mark.parametrize("tag", ["connect", "requires.gpu"])
def test_a_scenario_gives_its_platforms_back_at_its_end_also_if_it_is_skipped(tag: str, suite: OfScenario) -> None:
    called: list[Any] = []
    own = context()
    own.add_cleanup = lambda *call: called.append(call)
    environment.before_scenario(own, Scenario(tag))
    assert called == [(suite.ended, KEY)]


def test_who_stops_a_run_does_not_wait_for_evidence_and_keeps_no_team(suite: OfScenario) -> None:
    suite.settings.keep = "failed"
    told: list[str] = []
    own = context(team="team", answer=SimpleNamespace(evidence=lambda: told.append("the last statement")))
    own.aborted = True
    environment.after_scenario(own, Scenario(status="failed"))
    assert (told, suite.kept_teams) == ([], [])


def test_a_scenario_with_a_fault_reserves_nothing_so_that_no_lack_of_room_hides_the_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(environment.checked, KEY, Checked(faults=("features/a.feature:4: no phrase says that",)))
    assert environment.reservation(Scenario("lock.history")) == Reservation()


def test_a_run_begins_before_its_scenarios_and_ends_after_them_or_when_its_preparation_fails(
    suite: OfScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    vars(suite).update(begin=lambda: told.append("begins"), end=lambda: told.append("ends"))
    own = context()
    environment.before_all(own)
    assert own.suite is suite
    environment.after_all(own)
    assert told == ["begins", "ends"]

    def fails(_selected: object) -> None:
        raise UsageError("no cluster")

    monkeypatch.setattr(environment, "_prepare", fails)
    with pytest.raises(UsageError, match="no cluster"):
        environment.prepare([])
    assert told == ["begins", "ends", "ends"]


def test_a_scenario_without_a_cluster_is_about_no_version_of_spark() -> None:
    assert environment.version(Scenario("connect")) == "4.1.1"
    assert environment.version(Scenario("connect", "spark.4.1.0")) == "4.1.0"
    assert environment.version(Scenario(tags.WITHOUT_CLUSTER)) == ""


def test_the_runner_learns_from_the_plan_what_tags_and_cluster_say(
    suite: OfScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = environment.plan
    alone = Scenario("disruptive", "limit.90", "gpu", "connect")
    assert (plan.isolation(alone), plan.limit(alone), plan.group(alone)) == (Isolation.DISRUPTIVE, 90.0, "gpu")
    assert (plan.check, plan.prepare, plan.reservation, plan.version) == (
        environment.check, environment.prepare, environment.reservation, environment.version,
    )  # fmt: skip
    assert (plan.allure, plan.junit, plan.run) == (True, True, SUITE.run)
    assert (plan.capacity, plan.transient) == (SUITE.capacity, diagnosis.transient)
    asked: list[Any] = []
    about = About(cluster="a cluster")
    shared = {"a lake": SimpleNamespace(is_made=True), "another": SimpleNamespace(is_made=False)}
    provider = SimpleNamespace(
        make_room=lambda *call: asked.append(call), shared=shared, additions=suite.provider.additions
    )
    vars(suite).update(about=about, provider=provider)
    suite.settings.cluster = "embedded"
    monkeypatch.setattr(target, "remark", lambda *said: " of ".join(said))
    assert (plan.about(), plan.remark("no room")) == (about, "embedded of no room")
    assert plan.there() == {"a lake", "add-on kueue"}
    plan.make_room(Reservation(cpu=2), ["a lake"])
    assert asked == [(Reservation(cpu=2), ["a lake"])]
