"""An image that the node lacks is loaded from an archive that goes again; one that it has is not exported."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from sparkproof.build import images
from sparkproof.build.recipes import Recipe
from sparkproof.core import cache, process
from sparkproof.embedded import lifecycle, loaded

JAVA = images.recipe("java")
LAYER = Path("0a")


@pytest.fixture(autouse=True)
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was loaded into a node, with the archives' content: the parts that they could leave out."""
    found: list[tuple[str, str]] = []

    def pack(recipe: Recipe, folder: Path, there: Iterable[Path]) -> Path:
        archive = folder / f"{recipe.reference.rpartition('/')[2]}.tar"
        archive.write_text(f"without {', '.join(map(str, there))}")
        return archive

    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(images, "ensure_chain_built", lambda _: None)
    monkeypatch.setattr(images, "pack", pack)
    monkeypatch.setattr(lifecycle, "blobs", lambda: [LAYER])
    monkeypatch.setattr(lifecycle, "has", lambda reference: reference in [name for _, name in found])
    monkeypatch.setattr(lifecycle, "loaded", lambda: [name for _, name in found])
    monkeypatch.setattr(lifecycle, "load", lambda archive, reference: found.append((archive.read_text(), reference)))
    return found


def left() -> list[Path]:
    return [path for path in (cache.root() / "images").iterdir() if path.is_dir()]


def test_it_is_exported_once_without_what_the_node_has_and_leaves_no_archive(node: list[tuple[str, str]]) -> None:
    assert [loaded.put(JAVA), loaded.put(JAVA)] == [JAVA.reference, JAVA.reference]
    assert node == [("without 0a", JAVA.reference)]
    assert left() == []


def test_an_image_that_another_process_has_loaded_meanwhile_is_not_exported(
    node: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(lifecycle, "has", lambda _: next(answers))
    assert loaded.put(JAVA) == JAVA.reference
    assert node == []


def test_an_archive_goes_also_if_the_node_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise process.CommandFailed(process.Completed(("ctr",), 1, "", "no space left", 0.1), "exited with code 1")

    monkeypatch.setattr(lifecycle, "load", refuse)
    with pytest.raises(process.CommandFailed, match="no space left"):
        loaded.put(JAVA)
    assert left() == []


def test_only_images_that_the_node_lacks_are_put_there_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node: list[tuple[str, str]]
) -> None:
    log, python = tmp_path / "log", tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho $* >> {log}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    loaded.put(JAVA)
    assert loaded.putting(["java"]) is None
    maker = loaded.putting(["postgres", "java", "object-store"])
    assert maker
    maker.wait()
    assert log.read_text() == "-m sparkproof.embedded.loaded postgres object-store\n"
    assert len(node) == 1
