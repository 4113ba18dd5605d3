"""What is built again after a change is no more than what the change is in."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sparkproof.build import buildah, images

pytestmark = pytest.mark.cluster

JDBC = "postgresql"
NAMES = ("localhost/sparkproof/spark:with-a-jar-less", "localhost/sparkproof/spark:with-all-jars")


@pytest.fixture
def names() -> Iterator[tuple[str, str]]:
    yield NAMES
    buildah.run("rmi", "--force", *NAMES)


def layers(reference: str) -> list[str]:
    inspected = json.loads(buildah.run("inspect", "--type", "image", reference).stdout)
    return list(inspected["OCIv1"]["rootfs"]["diff_ids"])


def test_another_jar_is_one_other_layer(names: tuple[str, str]) -> None:
    recipe = images.spark_recipe("4.1.1")
    if os.geteuid() != 0 or not buildah.exists(recipe.reference):
        pytest.skip("the image is not built on this machine: run `sparkproof images 4.1.1`")
    fewer = [each for each in recipe.artifacts if JDBC not in each.coordinates]
    assert len(fewer) == len(recipe.artifacts) - 1
    images.build(replace(recipe, artifacts=fewer), names[0])
    images.build(recipe, names[1])
    before, after = layers(names[0]), layers(names[1])
    assert len(after) == len(before)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
