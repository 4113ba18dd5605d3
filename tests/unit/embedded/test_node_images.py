"""An image that is removed from a node's containerd leaves nothing there, though CRI has given it a second name."""

from pathlib import Path

import pytest

from sparkproof.embedded.node_images import NodeImages

# As `ctr images list` of containerd 1.6 prints it.
LIST = """\
REF TYPE DIGEST SIZE PLATFORMS LABELS
localhost/spark:1 application/vnd.docker.distribution.manifest.v2+json sha256:d1 1.5 GiB linux/amd64 -
localhost/spark:2 application/vnd.docker.distribution.manifest.v2+json sha256:d2 1.5 GiB linux/amd64 -
sha256:i1 application/vnd.docker.distribution.manifest.v2+json sha256:d1 1.5 GiB linux/amd64 -
sha256:i2 application/vnd.docker.distribution.manifest.v2+json sha256:d2 1.5 GiB linux/amd64 -
"""


@pytest.fixture
def node(tmp_path: Path) -> NodeImages:
    """A containerd that has the images of LIST, and forgets the names that are removed."""
    (tmp_path / "list").write_text(LIST)
    ctr = tmp_path / "ctr"
    ctr.write_text(
        f"""#!/bin/bash
cd {tmp_path}
shift 5
[ "$1" = list ] && exec cat list
echo "$@" >> called
[ "$#" -gt 2 ] || exit 1
for name in "${{@:3}}"; do grep -v "^$name " list > rest; mv rest list; done
"""
    )
    ctr.chmod(0o755)
    return NodeImages(ctr, tmp_path / "socket", tmp_path)


def left(node: NodeImages) -> list[str]:
    return [line.split()[0] for line in (node.folder / "list").read_text().splitlines()[1:]]


def test_the_id_of_an_image_goes_with_its_last_name(node: NodeImages) -> None:
    node.remove(["localhost/spark:1"])
    node.remove_nameless()
    assert left(node) == ["localhost/spark:2", "sha256:i2"]
    assert (node.folder / "called").read_text().splitlines() == [
        "remove --sync localhost/spark:1",
        "remove --sync sha256:i1",
    ]


def test_the_id_of_an_image_stays_while_it_has_another_name(node: NodeImages) -> None:
    with (node.folder / "list").open("a") as listed:
        listed.write("localhost/again:1 application/x sha256:d1 1.5 GiB linux/amd64 -\n")
    node.remove(["localhost/spark:1"])
    node.remove_nameless()
    assert left(node) == ["localhost/spark:2", "sha256:i1", "sha256:i2", "localhost/again:1"]


def test_ids_that_were_left_go_although_nothing_else_does(node: NodeImages) -> None:
    with (node.folder / "list").open("a") as listed:
        listed.write("sha256:i3 application/x sha256:d3 1.5 GiB linux/amd64 -\n")
    node.remove([])
    node.remove_nameless()
    assert left(node) == ["localhost/spark:1", "localhost/spark:2", "sha256:i1", "sha256:i2"]
    node.remove_nameless()
    assert (node.folder / "called").read_text().splitlines() == ["remove --sync sha256:i3"]


def test_its_parts_of_images_are_files_named_by_their_sum(node: NodeImages) -> None:
    assert node.blobs() == []
    kept = node.folder / "io.containerd.content.v1.content" / "blobs" / "sha256"
    kept.mkdir(parents=True)
    (kept / "0a").touch()
    assert node.blobs() == [kept / "0a"]
