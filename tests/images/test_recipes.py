"""What an image is made of decides its name, and a build's folder is the same for everyone."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.cluster import images
from sparkproof.cluster.images import Recipe
from sparkproof.cluster.maven import Jar
from sparkproof.errors import UsageError

JAR = Jar("org.example:thing:1.0", "0" * 128)
OTHER = Recipe("localhost/other:1.0", images.DOCKER / "spark-4.1-gpu")


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "entrypoint.sh").write_text("true\n")
    (tmp_path / "more").write_text("more\n")
    files = {"more": tmp_path / "more"}
    return Recipe("localhost/thing:1.0", folder, args={"A": "1"}, files=files, base="bookworm")


def edited(name: str) -> Callable[[Recipe], Recipe]:
    def edit(recipe: Recipe) -> Recipe:
        (recipe.folder / name).write_text("changed\n")
        return recipe

    return edit


def made_executable(recipe: Recipe) -> Recipe:
    (recipe.folder / "entrypoint.sh").chmod(0o755)
    return recipe


CHANGES: dict[str, Callable[[Recipe], Recipe]] = {
    "Dockerfile": edited("Dockerfile"),
    "a new file": edited("new"),
    "extra file": edited("../more"),
    "mode": made_executable,
    "argument": lambda old: Recipe(old.version, old.folder, {"A": "2"}, old.files, base=old.base),
    "version": lambda old: Recipe("localhost/thing:1.1", old.folder, old.args, old.files, base=old.base),
    "Debian": lambda old: Recipe(old.version, old.folder, old.args, old.files, base="trixie"),
    "base": lambda old: Recipe(
        old.version, old.folder, old.args, old.files, base=Recipe("localhost/base:1", old.folder)
    ),
    "jar": lambda old: Recipe(old.version, old.folder, old.args, old.files, jars=[JAR], base=old.base),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_input_changes_the_name(recipe: Recipe, change: Callable[[Recipe], Recipe]) -> None:
    before = recipe.reference
    assert change(recipe).reference.rpartition("-")[2] != before.rpartition("-")[2]


def test_what_is_no_input_leaves_the_name(recipe: Recipe) -> None:
    before = recipe.reference
    os.utime(recipe.folder / "Dockerfile", (1, 1))
    (recipe.folder / "__pycache__").mkdir()
    (recipe.folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert recipe.reference == before
    assert before.startswith("localhost/thing:1.0-")


def test_the_written_folder_holds_all_inputs_with_times_that_never_change(recipe: Recipe, tmp_path: Path) -> None:
    made_executable(recipe).write(tmp_path / "context")
    written = sorted((tmp_path / "context").iterdir())
    assert [path.name for path in written] == ["Dockerfile", "entrypoint.sh", "more"]
    assert {path.stat().st_mtime for path in written} == {0}
    assert (tmp_path / "context" / "entrypoint.sh").stat().st_mode & 0o111


def test_an_unknown_spark_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no image of Spark 2\.4\.8: docker/versions\.toml knows .*4\.1\.1"):
        images.spark("2.4.8")


def test_an_unknown_gpu_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no GPU image of Spark 2\.4\.8: docker/versions\.toml knows .*4\.1\.1"):
        images.spark("2.4.8", gpu=True)


@pytest.mark.parametrize("version", tomllib.loads(images.VERSIONS.read_text())["spark"])
def test_the_locked_packages_are_those_of_the_pinned_version(version: str) -> None:
    recipe = images.spark_recipe(version)
    locked = (recipe.folder / f"requirements-{version}.txt").read_text()
    assert f"pyspark=={version} \\\n    --hash=sha256:" in locked
    names = [line for line in locked.splitlines() if line[:1].isalnum()]
    assert len(names) > 10
    assert all("==" in name and name.endswith("\\") for name in names)
    assert any(
        f"_{recipe.args['SCALA_VERSION']}-{recipe.args['ICEBERG_VERSION']}.jar" in jar.name for jar in recipe.jars
    )
