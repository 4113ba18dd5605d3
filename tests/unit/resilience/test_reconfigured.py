"""Settings of a recorded platform that somebody changes by hand, and that are put right again."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import CONFIG_MAP
from sparkproof.resilience.disturbance import disturbance
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube

RIGHT = "spark.master=k8s\nspark.sql.catalog.rest.uri=http://spark-rest-catalog.team.svc:8181\nspark.ui.enabled=true"
BY_HAND = "has its catalog's address changed by hand"


def kube(settings: str = RIGHT) -> RecordedKube:
    written = recorded.manifest(CONFIG_MAP, "spark-connect", data={"spark-defaults.conf": settings, "other": "kept"})
    return RecordedKube(written, recorded.pod("spark-connect-0", "connect"))


def settings(own: RecordedKube) -> str:
    data = own.objects["ConfigMap", NAMESPACE, "spark-connect"]["data"]
    assert data["other"] == "kept"
    return str(data["spark-defaults.conf"])


def test_one_line_is_changed_and_nobody_starts_again() -> None:
    own = kube()
    changed = disturbance(Workloads(own, NAMESPACE, "spark"), "Connect server", BY_HAND)
    assert changed.is_over
    changed.begin()
    assert settings(own) == RIGHT.replace("spark-rest-catalog.team.svc", "catalog.invalid")
    assert not changed.is_over
    changed.end()
    assert settings(own) == RIGHT
    assert changed.is_over
    assert own.deleted == []
    own.objects["ConfigMap", NAMESPACE, "spark-connect"]["data"]["spark-defaults.conf"] = "another's"
    changed.end()
    assert settings(own) == "another's", "what is undone is left alone"


def test_who_starts_again_reads_the_change_and_is_started_again_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    own, seen = kube(), list[str]()
    monkeypatch.setattr(Workloads, "restart", lambda *_, **how: seen.append(f"{how} {settings(own).count('invalid')}"))
    changed = disturbance(Workloads(own, NAMESPACE, "spark"), "Connect server", f"{BY_HAND} and starts again")
    changed.end()
    assert seen == [], "it did not begin"
    changed.begin()
    changed.end()
    changed.end()
    assert seen == ["{'killed': True} 1", "{'killed': True} 0"]


def test_settings_without_a_catalog_cannot_be_changed() -> None:
    for own in (kube("spark.master=k8s"), RecordedKube()):
        changed = disturbance(Workloads(own, NAMESPACE, "spark"), "Connect server", BY_HAND)
        with pytest.raises(CheckFailed, match="no address of a REST catalog to change"):
            changed.begin()
        changed.end()
