"""An image is a folder with a Dockerfile and a recipe.toml: what that says becomes a recipe, or a sentence."""

from pathlib import Path

import pytest

from sparkproof.build import recipes, versions
from sparkproof.build.recipes import Recipe
from sparkproof.core.errors import UsageError
from tests.unit.build.test_versions import pins

RECIPES = {
    "base": 'version = "{other.java}"\nsuite = "bookworm"\nartifacts = ["other"]\n',
    "spark": (
        'version = "{spark.version}"\nevery_spark_version = true\nbase = "base"\nartifacts = ["spark", "other"]\n'
        '[args]\nSCALA = "{spark.scala}"\n[files]\n"requirements.txt" = "docker/pins/{spark.version}.txt"\n'
    ),
    "spark-gpu": (
        'name = "spark"\nversion = "{spark.version}-gpu"\nevery_spark_version = true\nneeds = "spark.rapids"\n'
        'base = "spark:{spark.version}"\nartifacts = ["rapids"]\n'
    ),
}


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    for name, text in RECIPES.items():
        (tmp_path / "docker" / name).mkdir(parents=True)
        (tmp_path / "docker" / name / "Dockerfile").write_text("FROM scratch\n")
        (tmp_path / "docker" / name / recipes.FILE).write_text(text)
    (tmp_path / "docker" / "pins").mkdir()
    for version in pins(tmp_path).sparks:
        (tmp_path / "docker" / "pins" / f"{version}.txt").touch()
    return tmp_path / "docker"


def read(docker: Path) -> dict[str, Recipe]:
    return recipes.read(docker, versions.read(docker.parent / "versions.toml"))


def test_there_is_an_image_for_each_version_that_has_what_the_recipe_needs(docker: Path) -> None:
    assert list(read(docker)) == [
        "base", "spark:3.5.7", "spark:3.5.8", "spark:4.1.0", "spark:4.1.0-gpu", "spark:4.1.1", "spark:4.1.1-gpu",
        "spark:4.1.4", "spark:4.1.4-gpu",
    ]  # fmt: skip


def test_values_files_and_artifacts_are_those_of_the_version(docker: Path) -> None:
    known = read(docker)
    spark = known["spark:3.5.8"]
    assert spark.version == "localhost/sparkproof/spark:3.5.8"
    assert spark.args == {"SCALA": "2.12"}
    assert spark.files == {"requirements.txt": docker / "pins" / "3.5.8.txt"}
    assert [each.name for each in spark.artifacts] == ["spark-connect_2.12-3.5.7.jar", "other-1.0.jar", "thing-1.0.jar"]
    assert known["spark:4.1.0-gpu"].chain == [known["base"], known["spark:4.1.0"], known["spark:4.1.0-gpu"]]
    assert known["spark:4.1.0-gpu"].suite == "bookworm"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "base",
            "{other.java}",
            "{other.jav}",
            "there is no value 'other.jav'; .*other.java?",
        ),
        ("base", "{other.java}", "{spark.version}", "there is no value 'spark.version'"),
        ("base", '["other"]', '["others"]', "docker/base/recipe.toml: there is no table of files 'others'; .*other?"),
        ("base", 'suite = "bookworm"', 'base = "spark:4.1.0"', "stands on itself: base on spark:4.1.0 on base"),
        ("spark", 'base = "base"', 'base = "bas"', "spark:3.5.7: there is no image 'bas'; did you mean base?"),
        ("spark", "pins/", "gone/", "there is no docker/gone/3.5.7.txt; `sparkproof lock` writes"),
        ("base", "suite =", "suit =", "docker/base/recipe.toml: suit: "),
        ("base", "suite =", "suite", "docker/base/recipe.toml: "),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(docker: Path, name: str, old: str, new: str, words: str) -> None:
    path = docker / name / recipes.FILE
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UsageError, match=words):
        read(docker)


def test_every_dockerfile_has_a_recipe() -> None:
    assert {path.parent for path in recipes.DOCKER.glob("*/Dockerfile")} == {
        path.parent for path in recipes.DOCKER.glob(f"*/{recipes.FILE}")
    }
