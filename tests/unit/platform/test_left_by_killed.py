"""What killed runs have left is told when the next run begins."""

from datetime import UTC, datetime

import pytest

from sparkproof.kube.labels import KEPT, OWNED, RUN
from sparkproof.kube.objects import NAMESPACE
from sparkproof.platform import releases
from sparkproof.tenancy.team import Team
from tests.support.recorded import manifest
from tests.unit.platform.test_releases import run
from tests.unit.platform.test_sweep import sign


def test_what_killed_runs_have_left_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    own, said = run(), list[str]()
    monkeypatch.setattr(releases, "say", said.append)
    for name, of, ago_s in (("left", "r0", 9999), ("alive", "r2", 0)):
        Team.create(own.kube, name, run=of, shared=True)
        own.kube.add(sign(of, ago_s=ago_s))
    Team.create(own.kube, "kept", run=KEPT, shared=True)
    now = {"creationTimestamp": datetime.now(UTC).isoformat()}
    own.kube.add(manifest(NAMESPACE, "young", None, labels={**OWNED, RUN: "r3"}, metadata=now))
    own.releases().supports([])
    assert said == ["killed runs have left platforms that take room: left; `sparkproof sweep` removes them"]
    own.kube.delete(NAMESPACE, "left")
    own.releases().supports([])
    assert len(said) == 1
