"""A program that shows a secret is found where it shows it, by what a cluster would make of its pod."""

import re
from collections.abc import Sequence

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.kube.objects import POD, Manifest
from sparkproof.tenancy import careless
from sparkproof.tenancy.secret_scan import SecretScan
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedStreams


class Cluster(RecordedKube):
    """An API server whose kubelet runs a pod at once: it fills in variables, and its first line is in its log."""

    def __init__(self) -> None:
        super().__init__(programs=self._shown)

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        applied = super().apply(manifest, dry_run=dry_run)
        if applied["kind"] == "Secret":
            applied["type"] = "Opaque"
        if applied["kind"] == "Pod":
            status = {"name": "main", "restartCount": 0, "state": {"running": {}}}
            applied["status"] = {"conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [status]}
            self._logs["careless/main"] = f"opened the store as {self._variables(applied).get('LOGGED', 'nobody')}"
        self.add(applied)
        return applied

    def _variables(self, pod: Manifest) -> dict[str, str]:
        secret = Team(self, NAMESPACE).secret("store", "password")
        env = pod["spec"]["containers"][0]["env"]
        return {each["name"]: each.get("value", secret) for each in env}

    def _shown(self, name: str, _argv: Sequence[str]) -> RecordedStreams:
        pod = self.get(POD, name, NAMESPACE) or {}
        command = " ".join(pod["spec"]["containers"][0]["command"])
        filled_in = re.sub(r"\$\((\w+)\)", lambda own: self._variables(pod)[own[1]], command)
        return RecordedStreams(filled_in, ended=True)


@pytest.mark.parametrize("place", careless.PLACES)
def test_what_a_careless_program_shows_is_found_there_and_nowhere_else(place: str, record: Record) -> None:
    team = Team(Cluster(), NAMESPACE)
    careless.start(team, "spark:4.1.1", place)
    found = SecretScan.look(team)
    found.must_be_in(*careless.where(place))
    (proof,) = record.proofs
    assert team.secret("store", "password") not in proof.seen
    with pytest.raises(CheckFailed) as refused:
        found.must_be_none()
    assert team.secret("store", "password") not in str(refused.value)
    for other in set(careless.PLACES) - {place}:
        with pytest.raises(CheckFailed, match="no other place had to disclose"):
            found.must_be_in(*careless.where(other))


def test_a_careful_program_shows_its_secret_nowhere(record: Record) -> None:
    team = Team(Cluster(), NAMESPACE)
    careless.start_careful(team, "spark:4.1.1")
    found = SecretScan.look(team)
    found.must_be_none()
    (proof,) = record.proofs
    assert proof.seen == "store/password are in none of 4 searched places"
    with pytest.raises(CheckFailed, match="found was nothing"):
        found.must_be_in(*careless.where("a log"))
