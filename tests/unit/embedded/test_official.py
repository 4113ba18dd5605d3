"""A cluster that runs keeps the Kubernetes that it was started with, and is never taken for one of another origin."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from sparkproof.build import debian, official, programs
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.embedded import addons, api, doctor, health, lifecycle, start
from sparkproof.embedded.boot import Boot
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout
from sparkproof.embedded.node_images import NodeImages

VERSION = programs.version("kubelet")
SERVER = "http://127.0.0.1:1"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """Have a cluster up that was started with a kubectl of its own, while nothing may be built or fetched."""
    monkeypatch.setenv("SPARKPROOF_STATE", str(tmp_path))
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Cgroup, "first_process", lambda _: os.getpid())
    monkeypatch.setattr(programs, "build", lambda name: pytest.fail(f"{name} is built"))
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/called\necho \'{{"items": []}}\'\n')
    kubectl.chmod(0o755)
    own = {"localhost/x:v1": "/programs/x"}
    Boot(str(tmp_path), "", {"kubectl": str(kubectl)}, "/images.tar", own, 3).write(Layout(tmp_path).boot)
    return Layout(tmp_path)


def up(places: Layout, official: bool) -> None:
    places.running.write_text(json.dumps(api.Running(1, VERSION, official).as_json()))


@pytest.mark.parametrize(
    ("runs", "setting", "said"), [(False, "official", "built"), (False, SERVER, "built"), (True, "built", "official")]
)
def test_a_cluster_of_another_origin_is_neither_taken_nor_ended(
    runs: bool, setting: str, said: str, places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(places, runs)
    monkeypatch.setenv(official.SETTING, setting)
    monkeypatch.setattr(lifecycle, "_is_healthy", lambda _: pytest.fail("the cluster is taken"))
    expected = f"runs Kubernetes as {said}, and SPARKPROOF_KUBERNETES asks for another: unset it .* `sparkproof down`"
    with pytest.raises(SparkproofError, match=expected):
        lifecycle.up()


@pytest.mark.parametrize(("runs", "setting"), [(False, ""), (True, ""), (False, "built"), (True, "official")])
def test_a_cluster_as_asked_for_is_taken_and_so_is_any_if_nothing_is_asked(
    runs: bool, setting: str, places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(places, runs)
    monkeypatch.setenv(official.SETTING, setting)
    monkeypatch.setattr(lifecycle, "_is_healthy", lambda _: True)
    assert lifecycle.up() == places.kubeconfig


def test_a_setting_that_is_none_is_refused_with_any_cluster(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(official.SETTING, "offical")
    monkeypatch.setattr(lifecycle, "_is_healthy", lambda _: pytest.fail("a cluster is taken"))
    for runs in (None, True):
        if runs is not None:
            up(places, runs)
        with pytest.raises(UsageError, match="SPARKPROOF_KUBERNETES=offical is not usable"):
            lifecycle.up()


@pytest.mark.parametrize(("runs", "said"), [(False, VERSION), (True, f"{VERSION}, official")])
def test_the_status_says_which_kubernetes_runs(
    runs: bool, said: str, places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(places, runs)
    monkeypatch.setattr(lifecycle, "_wrong", lambda *_: "")
    assert lifecycle.status().version == said


def test_the_record_of_a_built_kubernetes_is_as_it_was(places: Layout) -> None:
    assert api.Running(7, "v1.2.3").as_json() == {"port": 7, "kubernetes": "v1.2.3"}
    up(places, True)
    assert api.running(places) == api.Running(1, VERSION, True)
    places.running.write_text('{"port": 1, "kubernetes": "v1.2.3"}')
    assert api.running(places) == api.Running(1, "v1.2.3")


@pytest.mark.parametrize("setting", ["", "built", "official"])
def test_a_cluster_is_looked_at_and_mended_with_what_it_was_started_with(
    setting: str, places: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looked: list[object] = []
    monkeypatch.setenv(official.SETTING, setting)
    monkeypatch.setattr(debian, "unpacked", lambda: tmp_path)
    monkeypatch.setattr(NodeImages, "whole", lambda _: set())
    monkeypatch.setattr(NodeImages, "lost", lambda _, own: looked.append(own) or [])  # type: ignore[func-returns-value]
    monkeypatch.setattr(NodeImages, "load", lambda _, *given: looked.append(given))
    seen = health.look(places)
    assert seen.images == ["localhost/x:v1"]
    health.mend(places, seen)
    own = {"localhost/x:v1": "/programs/x"}
    assert looked == [own, ("/images.tar", own)]
    called = (tmp_path / "called").read_text()
    assert "get nodes,deployments" in called
    for each in addons.DEPLOYMENTS:
        assert f"deployment/{each.partition('/')[2]} " in called


def test_images_are_not_given_up_for_programs_that_cannot_be_had(
    places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of the cluster before says what would have the image store emptied."""
    refused = official.Unavailable("it cannot be reached", "reach it")
    monkeypatch.setattr(doctor, "must_be_fit", lambda _: None)
    monkeypatch.setattr(lifecycle, "_clear", lambda _: None)
    image = places.images / "image"
    image.parent.mkdir()
    image.touch()
    places.logs.mkdir()
    (places.logs / "kubelet.log").write_text("CreatePodSandboxError")

    def fail(_: Layout) -> None:
        raise refused

    monkeypatch.setattr(start, "start", fail)
    with pytest.raises(official.Unavailable):
        lifecycle._start(places, [])
    assert image.exists()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Layout:
    """Have a machine without programs whose setting names a server that is not there."""
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(official.SETTING, SERVER)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "machine_go", lambda: None)
    return Layout(tmp_path)


def findings(places: Layout) -> dict[str, doctor.Finding]:
    return {finding.subject: finding for finding in doctor.examine(places)}


def test_a_server_that_is_not_there_is_found_before_a_start(asked: Layout) -> None:
    found = findings(asked)["official Kubernetes"]
    assert re.fullmatch(rf"{SERVER}/{VERSION}/.*\.tar\.gz cannot be reached \(.*refused\)", found.wrong or "")
    assert found.remedy.endswith("or set SPARKPROOF_KUBERNETES=built to build Kubernetes here")
    with pytest.raises(SparkproofError, match=r"official Kubernetes: .* cannot be reached"):
        doctor.must_be_fit(asked)


def test_a_version_that_is_not_pinned_is_found_before_a_start(asked: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "_PINS", Path(os.devnull))
    monkeypatch.setattr(programs, "unbuilt", list)
    assert "has no digest of" in (findings(asked)["official Kubernetes"].wrong or "")


def test_the_server_is_not_asked_for_what_is_cached(asked: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official.Archive, "cached", Path())
    assert findings(asked)["official Kubernetes"].wrong is None


@pytest.mark.parametrize("setting", ["", "built"])
def test_nothing_is_said_of_it_when_kubernetes_is_built(
    setting: str, asked: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(official.SETTING, setting)
    assert "official Kubernetes" not in findings(asked)


@pytest.mark.parametrize(("unbuilt", "cached", "needed"), [(["etcd"], None, "12"), ([], None, "2"), ([], Path(), "1")])
def test_the_cache_needs_room_for_what_is_lacking(
    unbuilt: list[str], cached: Path | None, needed: str, asked: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "unbuilt", lambda: unbuilt)
    monkeypatch.setattr(official.Archive, "cached", cached)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    assert f"and {needed} GiB is needed" in (findings(asked)["disk for the cache"].wrong or "")
