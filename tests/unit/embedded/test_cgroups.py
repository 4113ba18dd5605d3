"""The cluster's cgroup holds its processes, ends them all and goes; with cgroup v1 and with v2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import cgroups
from sparkproof.embedded.cgroups import Cgroup


def _v1(root: Path) -> Path:
    for controller in ("cpu", "cpuset", "memory"):
        (root / controller).mkdir()
        (root / controller / "cgroup.procs").touch()
    (root / "cpuset" / "cpuset.cpus").write_text("0-1\n")
    (root / "cpuset" / "cpuset.mems").write_text("0\n")
    (root / "cpu,cpuacct").symlink_to("cpu")
    return root


def _v2(root: Path) -> Path:
    (root / "cgroup.controllers").write_text("cpuset cpu io memory hugetlb pids\n")
    return root


def test_the_version_is_told_by_the_root(tmp_path: Path) -> None:
    assert cgroups.version(tmp_path) == 1
    assert cgroups.version(_v2(tmp_path)) == 2


def test_v1_has_a_folder_in_every_hierarchy_once(tmp_path: Path) -> None:
    root = _v1(tmp_path)
    assert Cgroup("x", root).folders == [root / name / "x" for name in ("cpu", "cpuset", "memory")]
    assert cgroups.controllers(root) == {"cpu", "cpuset", "memory", "cpu,cpuacct"}


def test_v1_cpusets_inherit_what_a_process_needs_to_enter(tmp_path: Path) -> None:
    root = _v1(tmp_path)
    cpuset = root / "cpuset" / "x"
    # The kernel makes these two when it makes the folder; here nobody does.
    for folder in (cpuset, cpuset / "node"):
        folder.mkdir()
        (folder / "cpuset.cpus").write_text("\n")
        (folder / "cpuset.mems").write_text("\n")
    Cgroup("x", root).create()
    assert (cpuset / "node" / "cpuset.cpus").read_text() == "0-1\n"


def test_v2_switches_on_what_pods_need_at_both_levels(tmp_path: Path) -> None:
    root = _v2(tmp_path)
    (root / "x").mkdir()
    (root / "x" / "cgroup.controllers").write_text("cpuset cpu memory pids\n")
    Cgroup("x", root).create()
    assert (root / "cgroup.subtree_control").read_text() == "+cpuset +cpu +io +memory +pids"
    assert (root / "x" / "cgroup.subtree_control").read_text() == "+cpuset +cpu +memory +pids"
    assert (root / "x" / "node").is_dir()


def test_a_refusal_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    root = _v2(tmp_path)
    (root / "cgroup.subtree_control").mkdir()  # cannot be written, as in a container that shares its cgroup
    with pytest.raises(SparkproofError, match=r"subtree_control.*privileged"):
        Cgroup("x", root).create()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a cgroup")
def test_on_this_machine_all_processes_inside_end_and_nothing_stays() -> None:
    cgroup = Cgroup(f"sparkproof-test-{os.getpid()}")
    cgroup.create()
    try:
        inside = subprocess.Popen(
            [
                sys.executable, "-c",
                "import subprocess, sys; from sparkproof.embedded.cgroups import Cgroup; "
                f"Cgroup({cgroup.name!r}).enter(); child = subprocess.Popen(['sleep', '60']); "
                "print(child.pid, flush=True); child.wait()",
            ],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert inside.stdout
        child = int(inside.stdout.readline())
        assert cgroup.processes() == sorted([inside.pid, child])
        assert 2**20 < cgroup.memory_bytes() < 2**28
        assert cgroup.first_process() is None  # no process namespace, so no node
        cgroup.kill()
        assert cgroup.processes() == []
        inside.wait(5)
    finally:
        cgroup.kill()
        cgroup.remove()
    assert not [folder for folder in cgroup.folders if folder.exists()]
    cgroup.remove()
