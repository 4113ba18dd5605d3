"""An image that the node lacks is loaded from an archive that goes again; one that it has is not exported."""

from pathlib import Path

import pytest

from sparkproof.build import buildah, images
from sparkproof.core import process
from sparkproof.embedded import lifecycle, loaded

JAVA = images.recipe("java")


@pytest.fixture(autouse=True)
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, str]]:
    """What was loaded into a node, with the archives' content; buildah writes "a layer"."""
    found: list[tuple[bytes, str]] = []

    def push(*arguments: str) -> process.Completed:
        Path(arguments[-1].split(":")[1]).write_bytes(b"a layer")
        return process.Completed((), 0, "", "", 0.1)

    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(images, "ensure_chain_built", lambda _: None)
    monkeypatch.setattr(buildah, "run", push)
    monkeypatch.setattr(lifecycle, "has", lambda reference: reference in [name for _, name in found])
    monkeypatch.setattr(lifecycle, "load", lambda archive, reference: found.append((archive.read_bytes(), reference)))
    return found


def test_it_is_exported_once_and_leaves_no_archive(node: list[tuple[bytes, str]]) -> None:
    assert [loaded.put(JAVA), loaded.put(JAVA)] == [JAVA.reference, JAVA.reference]
    assert node == [(b"a layer", JAVA.reference)]
    assert not images.is_archived(JAVA)


def test_an_archive_that_was_there_stays(node: list[tuple[bytes, str]]) -> None:
    images.make(JAVA)
    loaded.put(JAVA)
    assert node == [(b"a layer", JAVA.reference)]
    assert images.is_archived(JAVA)


def test_an_archive_goes_also_if_the_node_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise process.CommandFailed(process.Completed(("ctr",), 1, "", "no space left", 0.1), "exited with code 1")

    monkeypatch.setattr(lifecycle, "load", refuse)
    with pytest.raises(process.CommandFailed, match="no space left"):
        loaded.put(JAVA)
    assert not images.is_archived(JAVA)
