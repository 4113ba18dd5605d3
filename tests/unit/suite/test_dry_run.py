"""A dry run of a platform's charts: what is asked of the API server, of each version."""

from typing import Any

import pytest

from sparkproof.cluster.target import Target
from sparkproof.core.per_process import PerProcess
from sparkproof.platform.classes import named
from sparkproof.platform.release import Release
from sparkproof.platform.releases import Releases
from sparkproof.suite import settings
from sparkproof.suite.suite import Suite
from sparkproof.tenancy.admission import Admission
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube


def test_a_chart_is_tried_as_it_is_with_each_preset_and_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    kube = RecordedKube()
    own = Suite(settings.read({}), run="r1")
    target = Target("recorded", kube, recorded.helm(), "registry")
    own.provider = Releases(PerProcess(lambda: target), "r1", own.settings.charts, False)
    monkeypatch.setattr(Release, "render", lambda _, presets, values: (tuple(presets), dict(values)))
    monkeypatch.setattr(Admission, "of", lambda _, rendered: list(rendered))
    asked: Any = own.dry_run(Team(kube, NAMESPACE), named("lakehouse"), "4.1.1")
    presets = [each for each, _ in asked]
    assert presets[0] == ()
    assert set(presets[-1]) == {each for (each,) in presets[1:-1]}
    assert {"small", "gpu"} <= set(presets[-1])
