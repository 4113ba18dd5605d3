"""The setting SPARKPROOF_KUBERNETES chooses between built programs, official ones and a mirror of these."""

import hashlib
import platform
from pathlib import Path

import pytest

from sparkproof.build import official, programs, scratch
from sparkproof.build.official import Unavailable
from sparkproof.core import process
from sparkproof.core.errors import UsageError

VERSION = programs.version("kubelet")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("setting", [None, "", "built"])
def test_without_the_setting_kubernetes_is_built(
    setting: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if setting is not None:
        monkeypatch.setenv(official.SETTING, setting)
    monkeypatch.setattr(programs, "go", lambda: tmp_path / "no-go")
    with pytest.raises(process.CommandFailed, match="no-go"):
        programs.build("kubelet")
    assert set(official.PROGRAMS) < set(programs.unbuilt())
    assert programs.unfetched() is None


def test_with_the_setting_only_kubernetes_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(official.SETTING, "official")
    unbuilt = programs.unbuilt()
    assert not set(official.PROGRAMS) & set(unbuilt)
    assert {"etcd", "coredns", "helm", "pause", "kube-network-policies"} <= set(unbuilt)
    assert programs.unfetched() == official.archive(VERSION)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_pinned_version_has_a_digest_and_the_makers_address(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setenv(official.SETTING, "official")
    archive = official.archive(VERSION)
    assert len(bytes.fromhex(archive.sha512)) == 64
    known = {"x86_64": "amd64", "aarch64": "arm64"}[machine]
    assert archive.url == f"https://dl.k8s.io/{VERSION}/kubernetes-server-linux-{known}.tar.gz"


def test_a_version_without_a_digest_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(official.SETTING, "official")
    name = f"{VERSION}/kubernetes-server-linux-{scratch.architecture()}.tar.gz"
    pins = tmp_path / "kubernetes.sha512"
    pins.write_text(f"{hashlib.sha512().hexdigest()}  {name.replace(VERSION, 'v1.2.3')}\n")
    monkeypatch.setattr(official, "_PINS", pins)
    with pytest.raises(Unavailable, match=rf"kubernetes\.sha512 has no digest of {name}: add the one of .*CHANGELOG"):
        programs.build("kubelet")


@pytest.mark.parametrize(
    "setting",
    [
        "offical", "Built", "true", "dl.k8s.io", "ftp://example.com", "file:///srv", "http://example.com/k8s",
        "http://127.0.0.1.example.com", "http://10.0.0.1", "https://", "https://[::1", "https://example.com/?v=1",
        "https://ann:secret@example.com", "https://example.com/#x", "https://example.com/a b",
    ],
)  # fmt: skip
def test_a_setting_that_is_none_is_refused_with_those_that_are(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(official.SETTING, setting)
    for ask in (official.asked, lambda: programs.build("kubelet")):
        with pytest.raises(UsageError, match=r"is not usable: write built, official, or the address .*https://") as no:
            ask()
        assert "secret" not in str(no.value)


@pytest.mark.parametrize(
    "setting",
    [
        "https://example.com",
        "https://example.com:8443/a/b/",
        "http://localhost:80",
        "http://127.9.9.9",
        "http://[::1]:1",
    ],
)
def test_https_and_this_machine_itself_are_servers(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(official.SETTING, setting)
    assert official.asked() is True
    assert official.archive(VERSION).url.startswith(setting.rstrip("/") + "/v")


def test_the_archive_is_the_one_for_this_kind_of_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    version = programs.version("kubelet")
    for kind in ("amd64", "arm64"):
        monkeypatch.setattr(scratch, "architecture", lambda kind=kind: kind)
        assert official.archive(version).name == f"{version}/kubernetes-server-linux-{kind}.tar.gz"
    monkeypatch.setattr(scratch, "architecture", lambda: "riscv64")
    with pytest.raises(official.Unavailable, match=r"has no digest of .*-riscv64"):
        official.archive(version)
