"""A team: whose it is, what its quota is, what it remembers, and that nothing of it stays."""

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.objects import CONFIG_MAP, NAMESPACE, STATEFUL_SET, Manifest
from sparkproof.tenancy.team import Marks, Team
from tests.support.recorded import RecordedKube, manifest, pod, workload


def test_its_namespace_is_guarded_and_says_whose_it_is() -> None:
    kube = RecordedKube()
    Team.create(kube, "team", run="r1", shared=True)
    labels = (kube.get(NAMESPACE, "team") or {})["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert OWNED.items() <= labels.items()
    assert labels[RUN] == "r1"


def test_its_namespace_has_what_the_environment_asks_for() -> None:
    kube = RecordedKube()
    Team.create(kube, "team", run="r1", marks=Marks({"team": "data", RUN: "another"}, {"owner": "Ada L."}))
    metadata = (kube.get(NAMESPACE, "team") or {})["metadata"]
    assert (metadata["labels"]["team"], metadata["labels"][RUN]) == ("data", "r1")
    assert metadata["annotations"] == {"owner": "Ada L."}


@pytest.mark.usefixtures("one_look")
def test_one_that_is_about_to_go_is_awaited_before_it_is_made_anew() -> None:
    going = manifest(NAMESPACE, "team", None, metadata={"deletionTimestamp": "now"})
    with pytest.raises(GaveUp, match="the end of Namespace team did not come"):
        Team.create(RecordedKube(going), "team", run="r1")


@pytest.mark.parametrize("labels", [{}, OWNED, {RUN: "r1"}, {**OWNED, RUN: "r2"}])
def test_a_namespace_of_somebody_else_is_not_adopted(labels: dict[str, str]) -> None:
    kube = RecordedKube(manifest(NAMESPACE, "team", None, labels=labels))
    before = kube.get(NAMESPACE, "team")
    with pytest.raises(SparkproofError, match="Namespace team exists already and is not of this run"):
        Team.create(kube, "team", run="r1")
    assert kube.get(NAMESPACE, "team") == before


def test_a_namespace_of_the_same_run_is_used_again() -> None:
    kube = RecordedKube(manifest(NAMESPACE, "team", None, labels={**OWNED, RUN: "r1"}))
    Team.create(kube, "team", run="r1", shared=True)
    assert Team.of(kube, run="r1", shared=True)


def test_teams_are_found_by_their_run_and_whether_they_are_shared() -> None:
    kube = RecordedKube(manifest(NAMESPACE, "somebody-elses", None))
    for name, run, shared in (("a", "r1", False), ("b", "r1", True), ("c", "r2", False)):
        Team.create(kube, name, run=run, shared=shared)
    kube.patch(NAMESPACE, "c", {"metadata": {"deletionTimestamp": "now"}})

    def names(**which: object) -> list[str]:
        return [team.namespace for team in Team.of(kube, **which)]  # type: ignore[arg-type]

    assert names() == ["a", "b", "c"]
    assert names(run="r1") == ["a", "b"]
    assert names(run="r1", shared=False) == ["a"]
    assert names(staying=True) == ["a", "b"]


def test_a_quota_counts_before_anything_goes_on() -> None:
    kube = RecordedKube()
    team = Team(kube, "team")
    team.limit({"pods": "4"})
    assert team.quota_status() == {"hard": {"pods": "4"}, "used": {}}
    team.lift_limit()
    assert team.quota_status() == {}


@pytest.mark.usefixtures("one_look")
def test_a_quota_that_nobody_counts_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team, "quota_status", lambda _: {"hard": {"pods": "4"}})
    with pytest.raises(GaveUp, match="the quota of team did not come"):
        Team(RecordedKube(), "team").limit({"pods": "4"})


@pytest.mark.usefixtures("one_look")
def test_a_quota_of_before_is_not_the_one_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team, "quota_status", lambda _: {"hard": {"pods": "9"}, "used": {"pods": "1"}})
    with pytest.raises(GaveUp, match="the quota of team did not come"):
        Team(RecordedKube(), "team").limit({"pods": "4"})


def test_what_is_noted_is_remembered_and_a_secret_stays_what_it_is() -> None:
    team = Team(RecordedKube(), "team")
    assert team.recall("installed-spark") is None
    team.remember("installed-spark", "abc")
    assert team.recall("installed-spark") == "abc"
    team.keep_secret("catalog", ["password"])
    first = team.secret("catalog", "password")
    team.keep_secret("catalog", ["password", "user"])
    assert team.secret("catalog", "password") == first
    assert team.secret("catalog", "user") != first


def test_what_runs_goes_first_and_who_would_replace_it_before() -> None:
    kube = RecordedKube(pod("spark-0", "connect"), workload(STATEFUL_SET, "spark"), manifest(NAMESPACE, "team", None))
    team = Team(kube, "team")
    team.delete()
    assert kube.deleted == [("StatefulSet", "spark", 0), ("Pod", "spark-0", 0), ("Namespace", "team", None)]
    team.must_be_gone()


@pytest.mark.usefixtures("one_look")
def test_one_that_stays_is_not_gone() -> None:
    kube = RecordedKube(manifest(NAMESPACE, "team", None), staying=["team"])
    team = Team(kube, "team")
    with pytest.raises(GaveUp, match="the end of Namespace team did not come"):
        team.must_be_gone()
    team.delete()
    with pytest.raises(GaveUp, match="the end of Namespace team did not come"):
        team.must_be_gone()


def test_an_object_is_asked_for_in_the_teams_namespace_and_not_made() -> None:
    def no_pods(asked: Manifest) -> Refused | None:
        return Refused("apply it", 403, "no pods") if asked["kind"] == "Pod" else None

    kube = RecordedKube(refuse=no_pods)
    team = Team(kube, "team")
    assert team.refusal_of({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}) is None
    assert not kube.list(CONFIG_MAP)
    refusal = team.dry_run({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}})
    assert refusal.trouble == "The API server refused it: no pods"
