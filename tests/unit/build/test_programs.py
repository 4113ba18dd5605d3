"""Programs are pinned by version, cached by their inputs, and built by a Go tool that is new enough."""

import dataclasses
import re
import shutil
from pathlib import Path

import pytest

from sparkproof.build import programs
from sparkproof.build.programs import Program
from sparkproof.core.errors import UsageError

TOOLS = Path(programs.__file__).parent / "tools"


def test_kubernetes_programs_know_their_version() -> None:
    assert re.fullmatch(r"v1\.\d+\.\d+", programs.version("kubelet"))
    assert f"gitVersion={programs.version('kubelet')}" in programs.PROGRAMS["kubelet"].ldflags


@pytest.mark.parametrize("program", programs.PROGRAMS.values(), ids=lambda program: program.name)
def test_each_program_has_a_pinned_version(program: Program) -> None:
    assert re.fullmatch(r"v0" if program.name == "pause" else r"v\d+\.\d+\.\d+", program.version)


@pytest.mark.parametrize("program", [each for each in programs.PROGRAMS.values() if each.module and not each.sources])
def test_each_program_is_built_by_the_pins_that_were_made_for_it(program: Program) -> None:
    pins = (program.folder / "go.mod").read_text()
    (tools,) = re.findall(r"^tool (?:\(\n(?:\t.*\n)*\)|.*)$", pins, re.MULTILINE)
    assert program.package in tools.split()


def test_a_module_that_nothing_pins_is_refused() -> None:
    with pytest.raises(UsageError, match=r"requires the Go module sigs\.k8s\.io/kind"):
        programs.pinned("sigs.k8s.io/kind")


def test_each_folder_of_sources_is_a_program() -> None:
    ours = {each.package: each for each in programs.PROGRAMS.values() if each.sources}
    assert set(ours) == {f"./{path.parent.name}" for path in TOOLS.glob("*/main.go")}
    for package, program in ours.items():
        assert set(program.sources) == set((TOOLS / package).rglob("*.go"))


def test_a_key_changes_with_a_pin_a_source_and_a_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TOOLS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(programs, "_TOOLS", tmp_path)
    keys = {programs.key("coredns")}
    for name in ("go.mod", "go.sum", "coredns/main.go"):
        (tmp_path / name).write_text((tmp_path / name).read_text() + "\n")
        keys.add(programs.key("coredns"))
    keys.add(dataclasses.replace(programs.PROGRAMS["coredns"], stamps=("main.version={version}",)).key)
    assert len(keys) == 5


def test_a_key_changes_with_the_pins_of_its_own_folder_and_with_its_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(TOOLS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(programs, "_TOOLS", tmp_path)
    own, other = programs.key("prometheus"), programs.key("helm")
    (tmp_path / "prometheus/go.sum").write_text("")
    changed = programs.key("prometheus")
    tagged = dataclasses.replace(programs.PROGRAMS["prometheus"], tags="remove_all_sd").key
    assert len({own, changed, tagged}) == 3
    assert programs.key("helm") == other


def test_an_unknown_program_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no program 'k3s'.*kubelet.*helm"):
        programs.build("k3s")


def test_with_an_empty_cache_everything_is_unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    assert {"kubelet", "etcd", "coredns", "helm", "pause"} <= set(programs.unbuilt())
    assert not {"prometheus", "keda-operator", "karpenter", "etcdctl"} & set(programs.unbuilt()), "made when needed"


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
