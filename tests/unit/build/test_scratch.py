"""Archives of scratch images are what `docker save` would write, and equal programs give equal bytes."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from sparkproof.build.scratch import ScratchImage, write_archive


def _images(folder: Path) -> list[ScratchImage]:
    for name in ("one", "two"):
        (folder / name).write_bytes(name.encode() * 1000)
    return [
        ScratchImage("localhost/x/one:v1", folder / "one"),
        ScratchImage("localhost/x/two:v2", folder / "two", links=("bin/sh",)),
    ]


def test_the_archive_holds_each_image_with_its_reference_and_digests(tmp_path: Path) -> None:
    write_archive(_images(tmp_path), tmp_path / "images.tar")
    with tarfile.open(tmp_path / "images.tar") as archive:
        read = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    manifest = json.loads(read["manifest.json"])
    assert [entry["RepoTags"] for entry in manifest] == [["localhost/x/one:v1"], ["localhost/x/two:v2"]]
    config = json.loads(read[manifest[1]["Config"]])
    layer = read[manifest[1]["Layers"][0]]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    assert config["config"]["Entrypoint"] == ["/usr/local/bin/two"]
    with tarfile.open(fileobj=io.BytesIO(layer)) as content:
        program, link = content.getmember("usr/local/bin/two"), content.getmember("bin/sh")
        assert (program.mode, program.size) == (0o755, 3000)
        assert link.linkname == "/usr/local/bin/two"


def test_equal_programs_give_equal_bytes(tmp_path: Path) -> None:
    write_archive(_images(tmp_path), tmp_path / "a.tar")
    write_archive(_images(tmp_path), tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
