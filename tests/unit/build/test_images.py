"""An image is built once, however many ask for it, and its archive lacks what its reader has."""

import json
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sparkproof.build import buildah, images
from sparkproof.core import process

JAVA = images.recipe("java")
NAME = "org.opencontainers.image.ref.name"
# What stands for skopeo: a layout with the image's name, one blob that it adds, and one that it may find there.
SKOPEO = """#!/bin/sh
set -e
echo "$*" > {log}
for to; do :; done
layout=${{to#oci:}}; layout=${{layout%%:*}}
cd "$layout/blobs/sha256"
echo added > 0b
test -e 0a || echo base > 0a
echo '{{"manifests": [{{"annotations": {{"org.opencontainers.image.ref.name": "the image"}}}}]}}' > ../../index.json
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which a program that stands for skopeo notes its arguments."""
    program = tmp_path / "bin" / "skopeo"
    program.parent.mkdir()
    program.write_text(SKOPEO.format(log=tmp_path / "log"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "log"


def packed(archive: Path) -> dict[str, str]:
    with tarfile.open(archive) as content:
        files = ((each.name, content.extractfile(each)) for each in content.getmembers())
        return {name: file.read().decode() for name, file in files if file}


def test_an_archive_has_the_whole_image_for_a_reader_that_has_nothing(tmp_path: Path, log: Path) -> None:
    found = packed(images.pack(JAVA, tmp_path / "own", []))
    assert found.keys() == {"index.json", "blobs/sha256/0a", "blobs/sha256/0b"}
    assert log.read_text().split()[:3] == ["copy", "--quiet", "--dest-oci-accept-uncompressed-layers"]
    assert f"]{JAVA.reference} oci:" in log.read_text()
    assert f"/images/store+{Path('/run/sparkproof')}/buildah-" in log.read_text()


def test_an_archive_lacks_what_its_reader_has(tmp_path: Path, log: Path) -> None:
    has = tmp_path / "0a"
    has.write_text("base")
    found = packed(images.pack(JAVA, tmp_path / "own", [has]))
    assert found.keys() == {"index.json", "blobs/sha256/0b"}
    assert has.read_text() == "base"
    assert log.exists()


@pytest.mark.usefixtures("log")
def test_containerd_finds_the_image_s_name_in_the_archive(tmp_path: Path) -> None:
    (listed,) = json.loads(packed(images.pack(JAVA, tmp_path / "own", []))["index.json"])["manifests"]
    assert listed["annotations"] == {"io.containerd.image.name": "the image"}


def test_two_who_want_an_image_build_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    def run(*arguments: str | Path, **_: object) -> process.Completed:
        if arguments[0] == "build":
            built.append(str(arguments[-1]))
        return process.Completed((), 0, "", "", 0.1)

    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(buildah, "run", run)
    monkeypatch.setattr(buildah, "exists", lambda _: bool(built))
    monkeypatch.setattr(images, "_options", lambda *_: [])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(images.ensure_built, [images.recipe("rest-catalog")] * 2))
    assert len(built) == 1
