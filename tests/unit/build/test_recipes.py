"""What an image is made of decides its name, and a build's folder is the same for everyone."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.build import buildah, images, programs, recipes, versions
from sparkproof.build.maven import Artifact
from sparkproof.build.recipes import DOCKER, Recipe
from sparkproof.core.errors import UsageError

JAR = Artifact("org.example:thing:1.0", "0" * 128)


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
    "jar": lambda old: Recipe(old.version, old.folder, old.args, old.files, artifacts=[JAR], base=old.base),
    "program": lambda old: Recipe(old.version, old.folder, old.args, old.files, programs=["pause"], base=old.base),
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
    (recipe.folder / recipes.FILE).write_text("# says what the recipe holds, and is none of it\n")
    assert recipe.reference == before
    assert before.startswith("localhost/thing:1.0-")


def test_the_written_folder_holds_all_inputs_with_times_that_never_change(recipe: Recipe, tmp_path: Path) -> None:
    made_executable(recipe).write(tmp_path / "context")
    written = sorted((tmp_path / "context").iterdir())
    assert [path.name for path in written] == ["Dockerfile", "entrypoint.sh", "more"]
    assert {path.stat().st_mtime for path in written} == {0}
    assert (tmp_path / "context" / "entrypoint.sh").stat().st_mode & 0o111


def test_what_an_image_is_built_from_comes_first() -> None:
    known = images.recipes()
    assert [known[name] for name in ("java", "spark:4.1.1", "spark:4.1.1-gpu")] == known["spark:4.1.1-gpu"].chain
    positions = {recipe.reference: position for position, recipe in enumerate(known.values())}
    assert all(positions[base.reference] <= positions[each.reference] for each in known.values() for base in each.chain)


def test_what_stands_on_debian_sees_the_hosts_packages() -> None:
    assert {name for name, recipe in images.recipes().items() if recipe.suite is None} == {"object-store"}
    assert images.recipe("jupyter:4.1.1").suite == images.recipe("java").suite == "bookworm"


@pytest.mark.parametrize("version", versions.names())
def test_a_version_alone_stands_for_its_spark(version: str) -> None:
    assert images.recipe(version) == images.recipe(f"spark:{version}") == images.spark_recipe(version)
    assert images.spark_recipe(version).version.endswith(f"/spark:{version}")


def test_an_unknown_image_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(UsageError, match=r"no image 'postgrs'; did you mean postgres\?"):
        images.recipe("postgrs")


def test_a_version_without_rapids_has_no_gpu_image() -> None:
    with pytest.raises(UsageError, match=r"no image 'spark:3\.5\.7-gpu'; did you mean spark:3\.5\.7\?"):
        images.spark_recipe("3.5.7", gpu=True)


def test_an_image_that_no_cache_has_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    recipe = images.recipe("object-store")
    monkeypatch.setattr(buildah, "exists", lambda _: False)
    assert not images.is_built(recipe)
    name, _, tag = recipe.reference.rpartition("/")[2].partition(":")
    (tmp_path / "images" / f"{name}-{tag}").mkdir(parents=True)
    assert images.is_built(recipe)


def test_a_program_is_named_by_what_it_is_built_from() -> None:
    assert programs.version("versitygw") in images.recipe("object-store").version
    assert not programs.PROGRAMS["versitygw"].cluster


def locked(name: str) -> dict[str, str]:
    """The packages of a file of docker/requirements, all of which must be pinned by hash: name -> version."""
    text = (DOCKER / "requirements" / f"{name}.txt").read_text()
    pins = re.findall(r"^([a-z0-9-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}", text, re.M)
    assert len(pins) == len([line for line in text.splitlines() if line[:1].isalnum()]) > 10
    return dict(pins)


@pytest.mark.parametrize("version", versions.names())
def test_the_locked_packages_are_those_of_the_pinned_version(version: str) -> None:
    recipe = images.spark_recipe(version)
    assert locked(f"spark-{version}")["pyspark"] == version
    runtime = f"_{recipe.args['SCALA_VERSION']}-{recipe.args['ICEBERG_VERSION']}.jar"
    assert [each.name for each in recipe.artifacts if each.name.endswith(runtime)]
    connect = [each.name for each in recipe.artifacts if each.name.startswith("spark-connect_")]
    assert connect == ([] if version >= "4" else [f"spark-connect_2.12-{recipe.args['CONNECT_VERSION']}.jar"])


@pytest.mark.parametrize("version", versions.names())
def test_jupyter_changes_nothing_of_spark(version: str) -> None:
    spark, jupyter = locked(f"spark-{version}"), locked("jupyter")
    shared = spark.keys() & jupyter.keys()
    assert shared
    assert {name: spark[name] for name in shared} == {name: jupyter[name] for name in shared}


def test_an_image_is_built_and_pushed_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = images.recipe("java")
    done: list[str] = []
    monkeypatch.setattr(images, "ensure_chain_built", lambda each: done.append(f"build {each.reference}"))
    monkeypatch.setattr(buildah, "run", lambda *arguments: done.append(" ".join(map(str, arguments))))
    own = recipe.reference.removeprefix("localhost/")
    assert images.push(recipe, "registry.example.com/team") == f"registry.example.com/team/{own}"
    push = f"push --quiet {recipe.reference} docker://registry.example.com/team/{own}"
    assert done == [f"build {recipe.reference}", push]


def test_a_program_that_is_built_otherwise_in_the_same_version_changes_the_name(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = set()
    for key in ("0123", "4567"):
        monkeypatch.setattr(programs, "key", lambda _, key=key: key)
        names.add(Recipe(recipe.version, recipe.folder, programs=["versitygw"]).reference)
    assert len(names) == 2
