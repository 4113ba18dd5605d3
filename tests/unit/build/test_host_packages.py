"""A build sees how this machine reaches its packages, by copies on /run, and the image keeps none of it."""

from pathlib import Path

import pytest

from sparkproof.build import host_packages
from sparkproof.core import process


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a mirror, a certificate and a folder of wheels set up for pip, and a proxy for apt."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "ca.pem").write_text("certificate\n")
    pip = tmp_path / "pip.conf"
    pip.write_text(f"[global]\nindex-url = https://mirror.example/simple\ncert = {tmp_path}/ca.pem\nuser = true\n")
    apt = tmp_path / "apt.conf"
    apt.write_text('Acquire::http::Proxy "http://proxy.example:3128";\nDPkg::Options "--force-confold";\n')
    monkeypatch.setenv("PIP_CONFIG_FILE", str(pip))
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path}/wheels https://mirror.example/wheels")
    monkeypatch.delenv("PIP_CERT", raising=False)
    monkeypatch.setenv("APT_CONFIG", str(apt))
    return tmp_path


def test_pip_in_a_build_finds_what_pip_finds_here(machine: Path) -> None:
    run = machine / "run"
    run.mkdir()
    found = host_packages.settings(run, None)
    written = (run / "host" / "pip.conf").read_text().splitlines()
    assert "index-url = https://mirror.example/simple" in written
    assert "cert = /run/host/cert-0" in written
    assert (run / "host" / "cert-0").read_text() == "certificate\n"
    assert "find-links = /run/host/find-links-0 https://mirror.example/wheels" in written
    assert found.volumes == ((run, "/run"), (machine / "wheels", "/run/host/find-links-0"))
    assert not [line for line in written if line.startswith("user")]
    assert found.args["PIP_CONFIG_FILE"] == "/run/host/pip.conf"


def test_apt_in_a_build_goes_the_way_apt_goes_here(machine: Path) -> None:
    run = machine / "run"
    run.mkdir()
    sources = machine / "sources.list"
    sources.write_text("deb http://mirror.example/debian bookworm main\n")
    found = host_packages.settings(run, sources)
    written = (run / "host" / "apt.conf").read_text().splitlines()
    assert 'Acquire::http::Proxy "http://proxy.example:3128";' in written
    assert 'Dir::Etc::SourceList "/run/host/sources.list";' in written
    assert (run / "host" / "sources.list").read_text() == sources.read_text()
    assert not [line for line in written if "DPkg" in line or "IndexTargets" in line]
    assert found.args["APT_CONFIG"] == "/run/host/apt.conf"


def test_without_sources_the_base_images_own_are_used(machine: Path) -> None:
    run = machine / "run"
    run.mkdir()
    host_packages.settings(run, None)
    assert "SourceList" not in (run / "host" / "apt.conf").read_text()


def test_another_suites_mirrors_are_not_taken_for_this_one() -> None:
    assert host_packages.debian_sources("no-such-suite") == []


def test_what_the_environment_says_to_pip_wins_over_its_files(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://nearer.example/simple")
    run = machine / "run"
    run.mkdir()
    host_packages.settings(run, None)
    assert "index-url = https://nearer.example/simple" in (run / "host" / "pip.conf").read_text().splitlines()


def test_a_suites_updates_and_security_come_from_this_machines_mirrors(monkeypatch: pytest.MonkeyPatch) -> None:
    releases = ("bookworm", "bookworm-updates", "bookworm-security", "bookworm-backports", "trixie")
    targets = "".join(f"http://mirror.example/debian {each} main\n" for each in releases)
    monkeypatch.setattr(process, "run", lambda *_, **__: process.Completed((), 0, targets, "", 0.0))
    assert host_packages.debian_sources("bookworm") == [
        f"deb http://mirror.example/debian {each} main" for each in releases[:3]
    ]
