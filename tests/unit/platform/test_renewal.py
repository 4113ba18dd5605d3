"""Keys of a recorded release that are renewed: another Secret with other values, by an upgrade."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.cluster.target import Target
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.kube.objects import STATEFUL_SET
from sparkproof.platform.release import Release
from sparkproof.platform.renewal import OF_DATABASES, OF_STORE, Renewal
from sparkproof.platform.spec import ReleaseSpec
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedHelm, RecordedKube, workload

KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


class Helm(RecordedHelm):
    """A chart whose programs take keys from the Secret that a value names, the object store's."""

    def template(self, *_: Any, values: Any, **__: Any) -> str:
        name = values.get("objectStore", {}).get("existingSecret", "object-store")
        return yaml.safe_dump({"env": [{"valueFrom": {"secretKeyRef": {"name": name, "key": key}}} for key in KEYS]})


def release(folder: Path) -> Release:
    (folder / "Chart.yaml").touch()
    kube = RecordedKube(workload(STATEFUL_SET, "spark-connect"))
    target = Target("recorded", kube, Helm(Path("helm"), Path("kubeconfig")), "registry")
    found = Release(target, Team(kube, NAMESPACE), ReleaseSpec(folder, "4.1.1", ()))
    found.install()
    return found


def test_another_secret_with_other_values_takes_its_place(tmp_path: Path) -> None:
    own = release(tmp_path)
    had = {key: own.team.secret("object-store", key) for key in KEYS}
    renewal = Renewal.of(own, OF_STORE)
    assert renewal.before == had
    assert renewal.release.spec.values == {"objectStore": {"existingSecret": "object-store-renewed"}}
    assert isinstance(own.target.helm, Helm)
    assert own.target.helm.done == ["install spark"] * 2
    assert {key: own.team.secret("object-store", key) for key in KEYS} == had
    assert not set(had.values()) & {own.team.secret("object-store-renewed", key) for key in KEYS}


def test_the_sessions_of_before_end_before_the_keys_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, closed = release(tmp_path), list[list[str]]()
    helm = own.target.helm
    assert isinstance(helm, Helm)
    monkeypatch.setattr(Release, "close", lambda _: closed.append([*helm.done]))
    Renewal.of(own, OF_STORE)
    assert closed[:1] == [["install spark"]]


def test_a_secret_that_the_platform_does_not_use_cannot_be_renewed(tmp_path: Path) -> None:
    with pytest.raises(SparkproofError, match="uses no Secret postgres that could be renewed"):
        Renewal.of(release(tmp_path), OF_DATABASES)


def test_values_that_stay_are_no_renewal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = release(tmp_path)
    monkeypatch.setattr(Team, "secret", lambda *_: "the same")
    with pytest.raises(CheckFailed, match=f"has the same values as before: {', '.join(KEYS)}"):
        Renewal.of(own, OF_STORE)


@pytest.mark.parametrize("used", [["object-store"], ["object-store", "object-store-renewed"], []])
def test_programs_that_keep_the_keys_of_before_are_told(
    used: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = release(tmp_path)
    asked = [{"valueFrom": {"secretKeyRef": {"name": name, "key": key}}} for name in used for key in KEYS]
    before = own.render()
    monkeypatch.setattr(
        Helm, "template", lambda *_, values, **__: yaml.safe_dump(asked) if values.get("objectStore") else before
    )
    with pytest.raises(CheckFailed, match="The values name object-store-renewed, and programs take their keys from"):
        Renewal.of(own, OF_STORE)
