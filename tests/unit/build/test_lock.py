"""The packages of a Spark version are pinned once, with the versions that JupyterLab's pins have."""

import re
import shutil
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build import lock, versions
from sparkproof.build.recipes import DOCKER
from sparkproof.core import process
from sparkproof.core.errors import UsageError

GONE = versions.default()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "requirements"
    shutil.copytree(DOCKER / "requirements", copy)
    (copy / f"spark-{GONE}.txt").unlink()
    return copy


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What pip-compile was asked for, which is not run."""
    seen: dict[str, Any] = {}

    def run(argv: list[str], *, cwd: Path, input_text: str, **_: Any) -> None:
        seen.update(argv=argv, wanted=input_text.splitlines(), constraints=(cwd / "jupyter.txt").read_text())
        (cwd / "pinned.txt").write_text("pyspark==1 --hash=sha256:0\n")

    monkeypatch.setattr(process, "run", run)
    monkeypatch.setattr(sysconfig, "get_python_version", lambda: "3.11")
    return seen


def test_only_what_is_missing_is_written(folder: Path, asked: dict[str, Any]) -> None:
    before = {path: path.read_text() for path in folder.iterdir()}
    assert lock.write_missing(folder) == [folder / f"spark-{GONE}.txt"]
    assert {path: path.read_text() for path in before} == before
    assert (folder / f"spark-{GONE}.txt").read_text().endswith("pyspark==1 --hash=sha256:0\n")
    assert asked["wanted"] == [f"pyspark[connect]=={GONE}", *versions.spark(GONE).line.packages]
    assert lock.write_missing(folder) == []


def test_jupyters_pins_bind_without_their_hashes(folder: Path, asked: dict[str, Any]) -> None:
    lock.write_missing(folder)
    pinned = (folder / "jupyter.txt").read_text()
    assert asked["constraints"].count("\n") == len(re.findall(r"^\S+==", pinned, re.MULTILINE)) > 50
    assert "--hash" not in asked["constraints"]


def test_another_python_is_refused(folder: Path, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_python_version", lambda: "3.13")
    with pytest.raises(UsageError, match=r"This is Python 3\.13, and the images have 3\.11"):
        lock.write_missing(folder)
    assert not asked
    assert not (folder / f"spark-{GONE}.txt").exists()


def test_every_package_has_its_hash_and_the_versions_that_both_need(folder: Path, asked: dict[str, Any]) -> None:
    lock.write_missing(folder)
    argv = asked["argv"]
    assert {"--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"} <= set(argv)
    assert argv[argv.index("--constraint") + 1] == "jupyter.txt"
