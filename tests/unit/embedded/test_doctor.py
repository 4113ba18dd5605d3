"""What the machine lacks is told in one line with its remedy, and nothing is changed to find it out."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.build import debian, programs
from sparkproof.core import wait
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import cgroups, doctor, lifecycle
from sparkproof.embedded.layout import Layout


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def _wrong(findings: list[doctor.Finding], subject: str) -> str:
    return next(str(finding) for finding in findings if finding.subject == subject and finding.wrong)


def _refusing(folder: Path, program: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a `program` first on PATH that refuses with `words`."""
    file = folder / program
    file.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.usefixtures("as_root")
def test_refused_namespaces_are_told_with_the_kernels_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _refusing(tmp_path, "unshare", "unshare failed: Operation not permitted", monkeypatch)
    findings = doctor.examine(Layout(tmp_path / "state"))
    told = _wrong(findings, "namespaces")
    assert "Operation not permitted" in told
    assert "--privileged" in told
    assert "\n" not in told
    assert _wrong(findings, "overlay file system")


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize(
    ("folder", "said"),
    [("/proc/state", "nothing can be written in /proc"), ("/etc/hosts", "nothing can be written in /etc/hosts")],
)
def test_a_state_that_cannot_be_written_is_all_that_is_told(folder: str, said: str) -> None:
    findings = doctor.examine(Layout(Path(folder)))
    assert said in _wrong(findings, "the cluster's state")
    assert findings[-1].remedy == "set SPARKPROOF_STATE to another folder"
    assert len(findings) == 2, "nothing else could be tried there"


@pytest.mark.usefixtures("as_root")
def test_a_state_where_no_program_may_run_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statvfs = os.statvfs

    def noexec(path: Path) -> os.statvfs_result:
        fields = list(statvfs(path))
        fields[8] |= os.ST_NOEXEC
        return os.statvfs_result(fields)

    monkeypatch.setattr(os, "statvfs", noexec)
    assert "(mounted noexec)" in _wrong(doctor.examine(Layout(tmp_path)), "the cluster's state")


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("remover", [doctor.examine, lifecycle._clear])
def test_a_trial_whose_process_was_killed_leaves_nothing_for_good(
    remover: Callable[[Layout], object], tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "unshare").write_text("#!/bin/sh\nexec sleep 60\n")
    (slow / "unshare").chmod(0o755)
    state = tmp_path / "state"
    state.mkdir()
    program = "import os, sys; from pathlib import Path; from sparkproof.embedded import doctor, layout;"
    program += "os.geteuid = lambda: 0; doctor.examine(layout.Layout(Path(sys.argv[1])))"
    environment = {**os.environ, "PATH": f"{slow}:{os.environ['PATH']}"}
    trying = subprocess.Popen([sys.executable, "-c", program, state], env=environment, start_new_session=True)
    try:
        (trial,) = wait.eventually("a trial", lambda: [*state.iterdir()], bool, within_s=30)
        remover(Layout(state))
        assert trial.exists(), "its process runs"
    finally:
        os.killpg(trying.pid, signal.SIGKILL)
        trying.wait()
    remover(Layout(state))
    assert [*state.iterdir()] == []


@pytest.mark.usefixtures("as_root")
def test_a_disk_without_a_byte_is_a_finding_like_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    findings = doctor.examine(Layout(tmp_path / "state"))
    assert "could not be tried" in _wrong(findings, "overlay file system")
    assert "0.0 GiB free" in _wrong(findings, "disk for the cluster's state")
    assert len(findings) > 5, "the rest is examined, too"


@pytest.mark.usefixtures("as_root")
def test_missing_controllers_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "controllers", lambda: {"cpu", "cpuacct", "cpuset", "devices"})
    monkeypatch.setattr(cgroups, "version", lambda: 1)
    assert "memory, pids not there" in _wrong(doctor.examine(Layout(tmp_path)), "cgroup v1 controllers")


@pytest.mark.usefixtures("as_root")
def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_FREE_FOR_NODE", 2**60)
    state = tmp_path / "state"
    with pytest.raises(
        SparkproofError, match=r"cannot run.*\n.*disk for the cluster's state: .*GiB free at .*GiB is needed; free"
    ):
        doctor.must_be_fit(Layout(state))
    assert not state.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("as_root")
def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_MEMORY", 2**60)
    assert "GiB available" in _wrong(doctor.examine(Layout(tmp_path)), "memory")


@pytest.mark.usefixtures("as_root")
def test_without_apt_missing_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "missing", lambda _: {"conntrack": "conntrack"})
    monkeypatch.setenv("PATH", str(tmp_path))
    told = _wrong(doctor.examine(Layout(tmp_path)), "tools")
    assert "conntrack, containerd cannot be had" in told


@pytest.mark.usefixtures("as_root")
def test_an_unreachable_module_proxy_is_told_only_when_something_must_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refusing(tmp_path, "go", "dial tcp: lookup proxy: no such host", monkeypatch)
    monkeypatch.setattr(programs, "machine_go", lambda: tmp_path / "go")
    monkeypatch.setattr(programs, "unbuilt", lambda: ["kubelet"])
    assert "no such host" in _wrong(doctor.examine(Layout(tmp_path)), "Go module proxy")
    monkeypatch.setattr(programs, "unbuilt", list)
    assert not [finding for finding in doctor.examine(Layout(tmp_path)) if finding.subject == "Go module proxy"]


def test_a_plain_user_is_told_to_become_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert _wrong(doctor.examine(Layout(tmp_path)), "root") == "root: this is a plain user; run with sudo"
    for act in (lifecycle.up, lifecycle.down):
        with pytest.raises(SparkproofError, match="run this with sudo"):
            act()
    assert not (tmp_path / "state").exists()


def test_with_no_cluster_the_status_is_down_and_no_image_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARKPROOF_STATE", str(tmp_path / "state"))
    assert (lifecycle.status().state, lifecycle.status().reason) == ("down", "no node runs")
    with pytest.raises(SparkproofError, match="run `sparkproof up` first"):
        lifecycle.load(tmp_path / "x.tar", "localhost/x:1")


@pytest.mark.usefixtures("as_root")
def test_a_state_folder_that_cannot_be_made_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SPARKPROOF_STATE", str(tmp_path / "file" / "state"))
    for act in (lifecycle.up, lifecycle.down):
        with pytest.raises(SparkproofError, match="file/state: Not a directory; when that is mended"):
            act()
