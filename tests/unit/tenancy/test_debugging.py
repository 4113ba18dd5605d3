"""Debugging containers: what is asked of the API server, and its answer."""

import pytest

from sparkproof.core import evidence, examples
from sparkproof.core.errors import CheckFailed
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import POD, Manifest
from sparkproof.tenancy.debugging import RunningPod
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube

WORDS = "ValidatingAdmissionPolicy 'house-rules-for-pods' denied request: An image needs a digest"


def latest_is_refused(manifest: Manifest) -> Refused | None:
    """Refuse what the house's rules refuse of images."""
    added = manifest.get("spec", {}).get("ephemeralContainers", ())
    wrong = any(each["image"].endswith(":latest") for each in added)
    return Refused("patch EphemeralContainers on-the-network", 422, WORDS) if wrong else None


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> RunningPod:
    evidence.begin()
    monkeypatch.setattr(Team, "start_pod", lambda self, pod, _: self.apply(pod))
    return RunningPod.start(Team(RecordedKube(refuse=latest_is_refused), NAMESPACE), "image:1")


def test_the_pod_that_runs_has_what_the_houses_rules_ask_for(running: RunningPod) -> None:
    spec = (running.team.kube.get(POD, running.name, NAMESPACE) or {})["spec"]
    assert spec["serviceAccountName"] == "its-own"
    assert spec["containers"][0]["image"] == "image:1"
    assert spec["containers"][0]["resources"]["limits"]["memory"]


def test_a_container_that_breaks_a_rule_is_refused(running: RunningPod) -> None:
    asked = running.dry_run("takes the latest image")
    asked.must_be_refused("ValidatingAdmissionPolicy", "An image needs a digest")
    with pytest.raises(CheckFailed, match="The API server refused it: ValidatingAdmissionPolicy"):
        asked.must_be_admitted()


def test_a_container_that_keeps_the_rules_is_let_pass(running: RunningPod) -> None:
    asked = running.dry_run("takes an image by its digest")
    asked.must_be_admitted()
    with pytest.raises(CheckFailed, match="would have admitted it"):
        asked.must_be_refused("ValidatingAdmissionPolicy", "An image needs a digest")


@pytest.mark.parametrize("name", ["keeps the house's rules", "shows a secret"])
def test_such_a_container_asks_for_nothing_that_the_api_knows_of_pods_alone(running: RunningPod, name: str) -> None:
    running.dry_run(name)
    (asked,) = running.team.kube.dry  # type: ignore[attr-defined]
    assert (asked["kind"], asked["metadata"]["name"]) == ("EphemeralContainers", running.name)
    (container,) = asked["spec"]["ephemeralContainers"]
    example = examples.pod(name)["spec"]["containers"][0]
    assert "resources" in example
    assert container == {**{key: example[key] for key in example if key != "resources"}, "name": "debugger"}
