"""Platforms of this machine's processes: one at a time, since they share its GPU, and none after the run."""

from pathlib import Path

import pytest

from sparkproof.platform import local
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.local import LocalProcesses
from sparkproof.platform.machine import Machine
from sparkproof.platform.provider import Needs
from sparkproof.platform.spec import ReleaseSpec

LAKEHOUSE, GPU = PlatformClaim("lakehouse", "4.1.1"), PlatformClaim("GPU", "4.1.1")


class Noted:
    """Processes that only say in `done` what became of them."""

    done: list[str]

    def __init__(self, _machine: Machine, folder: Path, _lifeline: int) -> None:
        self.name = folder.parent.name

    def start(self, manifests: str) -> None:
        self.done.append(f"start {self.name} as {manifests}")

    def stop(self) -> None:
        self.done.append(f"stop {self.name}")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalProcesses:
    monkeypatch.setattr(Noted, "done", [], raising=False)
    monkeypatch.setattr(local, "Processes", Noted)
    monkeypatch.setattr(ReleaseSpec, "rendered_here", lambda spec: f"{spec.chart}")
    jars = tmp_path / "spark" / "jars"
    jars.mkdir(parents=True)
    (jars / "spark-core_2.13-4.1.1.jar").touch()
    made = LocalProcesses(Machine(tmp_path / "spark"), tmp_path / "charts", "processes")
    made.share({LAKEHOUSE: {"a", "b"}, GPU: {"b"}}, tmp_path)
    return made


def test_a_platform_ends_before_another_one_starts(own: LocalProcesses, tmp_path: Path) -> None:
    for claim in (LAKEHOUSE, GPU):
        own.shared[claim].join()
    started = Noted.done.index(f"start GPU-4.1.1 as {tmp_path / 'charts' / 'spark-4.1'}")
    assert "stop lakehouse-4.1.1" in Noted.done[:started]
    assert f"start lakehouse-4.1.1 as {tmp_path / 'charts' / 'spark-4.1'}" in Noted.done[:started]


def test_no_process_stays_after_the_run(own: LocalProcesses) -> None:
    own.shared[LAKEHOUSE].join()
    Noted.done.clear()
    own.end()
    assert sorted(Noted.done) == ["stop GPU-4.1.1", "stop lakehouse-4.1.1"]


def test_what_needs_kubernetes_or_another_spark_is_skipped_with_the_reason(own: LocalProcesses) -> None:
    assert own.lack(Needs("4.1.1", kubernetes=False)) == ""
    assert "have no Kubernetes" in own.lack(Needs("4.1.1"))
    assert "is 4.1.1: name another" in own.lack(Needs("3.5.8", kubernetes=False))
