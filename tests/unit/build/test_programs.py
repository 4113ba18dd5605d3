"""Programs are pinned by version, cached by their inputs, and built by a Go tool that is new enough."""

import re
from pathlib import Path

import pytest

from sparkproof.build import programs
from sparkproof.core.errors import UsageError


def test_kubernetes_programs_know_their_version() -> None:
    assert re.fullmatch(r"v1\.\d+\.\d+", programs.version("kubelet"))
    kubernetes = next(module for module in programs.MODULES if "kubelet" in module.programs)
    assert f"gitVersion={programs.version('kubelet')}" in kubernetes.ldflags


@pytest.mark.parametrize("module", [module for module in programs.MODULES if module.versioned], ids=lambda m: m.folder)
def test_every_module_pins_its_version(module: programs.Module) -> None:
    assert module.version != "v0"


def test_an_unknown_program_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no program 'k3s'.*kubelet.*helm"):
        programs.build("k3s")


def test_with_an_empty_cache_everything_is_unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    assert {"kubelet", "etcd", "coredns", "helm", "pause"} <= set(programs.unbuilt())


def test_a_program_of_our_own_is_built_and_then_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if programs.machine_go() is None:
        pytest.skip("no Go tool on this machine; the pinned one is not fetched for a test")
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    pause = programs.build("pause")
    built = pause.stat().st_mtime_ns
    assert pause.read_bytes()[:4] == b"\x7fELF"
    assert programs.build("pause").stat().st_mtime_ns == built
    assert "pause" not in programs.unbuilt()


@pytest.mark.parametrize(("told", "taken"), [("go1.26.0", True), ("go1.27.3", True), ("go1.25.9", False), ("", False)])
def test_only_a_new_enough_go_is_taken(told: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "go"
    program.write_text(f"#!/bin/sh\necho {told}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert (programs.machine_go() == program) is taken
