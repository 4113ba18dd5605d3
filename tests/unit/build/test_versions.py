"""docker/versions.toml is read once, typed; what is wrong in it, or not in it, is said in a sentence."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build import versions
from sparkproof.core.errors import UsageError

PINNED = Path(__file__).resolve().parents[3] / "docker/versions.toml"
SERVER = '"org.apache.spark:spark-connect_2.12:{}" = "00"\n'
TEXT = """
[spark]
default = "4.1.1"
[spark.versions]
"3.5.7" = {}
"3.5.8" = {connect = "3.5.7"}
"4.1.0" = {}
"4.1.1" = {}
"4.1.4" = {}
[spark.lines."3.5"]
scala = "2.12"
iceberg = "1.10.1"
packages = ["pandas<3"]
[spark.lines."3.5".maven]
"org.apache.spark:spark-connect_2.12:3.5.7" = "00"
"org.example:other:1.0" = "01"
[spark.lines."4.1"]
scala = "2.13"
iceberg = "1.11.0"
packages = []
[spark.lines."4.1".rapids]
version = "26.08.1"
shims = ["4.1.1", "4.1.3"]
source = "its jar"
[other]
java = "17"
[other.maven]
"org.example:thing:1.0" = "02"
"""


def pins(tmp_path: Path, text: str = TEXT) -> versions.Pins:
    (tmp_path / "versions.toml").write_text(text)
    return versions.read(tmp_path / "versions.toml")


def test_a_version_has_what_its_line_says(tmp_path: Path) -> None:
    sparks = pins(tmp_path).sparks
    assert list(sparks) == ["3.5.7", "3.5.8", "4.1.0", "4.1.1", "4.1.4"]
    assert sparks["3.5.8"].values == {"version": "3.5.8", "connect": "3.5.7", "scala": "2.12", "iceberg": "1.10.1"}
    assert sparks["4.1.0"].values["rapids"] == "26.08.1"
    assert sparks["4.1.0"].connect == "4.1.0"


def test_rapids_needs_another_versions_shim_where_it_has_none(tmp_path: Path) -> None:
    sparks = pins(tmp_path).sparks
    assert {name: spark.forced_shim for name, spark in sparks.items()} == {
        "3.5.7": None, "3.5.8": None, "4.1.0": "spark411", "4.1.1": None, "4.1.4": "spark413",
    }  # fmt: skip
    assert [sparks[name].shim for name in ("3.5.7", "4.1.0", "4.1.1", "4.1.4")] == [None, "4.1.1", "4.1.1", "4.1.3"]


def test_of_connect_servers_an_image_carries_only_its_own(tmp_path: Path) -> None:
    older, newer = SERVER.format("3.5.7"), SERVER.format("3.5.8")
    text = TEXT.replace(older, older + newer).replace('{connect = "3.5.7"}', "{}")
    sparks = pins(tmp_path, text).sparks
    assert [each.name for each in sparks["3.5.7"].artifacts] == ["spark-connect_2.12-3.5.7.jar", "other-1.0.jar"]
    assert [each.name for each in sparks["3.5.8"].artifacts] == ["spark-connect_2.12-3.5.8.jar", "other-1.0.jar"]


def test_other_parts_are_values_and_files(tmp_path: Path) -> None:
    part = pins(tmp_path).parts["other"]
    assert part.values == {"java": "17"}
    assert [each.name for each in part.artifacts] == ["thing-1.0.jar"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('default = "4.1.1"', 'default = "4.2.0"', "the default 4.2.0 is not among the versions 3.5.7, 3.5.8"),
        ('"4.1.4" = {}', '"4.2.0" = {}', r"version 4.2.0 needs a table \[spark.lines.'4.2'\]"),
        ('{connect = "3.5.7"}', "{}", "no Connect server of 3.5.8 is pinned for version 3.5.8: .*connect = '3.5.7'"),
        ('{connect = "3.5.7"}', '{conect = "3.5.7"}', "spark.versions.3.5.8.conect: "),
        ('scala = "2.12"', "", "spark.lines.3.5.scala: Field required"),
        ('"4.1.3"]', "", "versions.toml is no TOML"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError, match=f"versions.toml.*{words}" if "TOML" not in words else words) as said:
        pins(tmp_path, TEXT.replace(old, new))
    assert "\n" not in str(said.value)


def test_an_unknown_version_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(UsageError, match=r"Spark 4\.1\.11 is not in docker/versions\.toml; did you mean 4\.1\.1\?"):
        versions.spark("4.1.11")


def test_the_default_is_a_version_that_rapids_supports() -> None:
    default = versions.spark(versions.default())
    assert default.rapids
    assert not default.forced_shim


def parts(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table of the file that pins jars."""
    for name, table in found.items():
        if isinstance(table, dict):
            if "maven" in table:
                yield name, table
            yield from parts(table)


def mixed(table: dict[str, Any]) -> list[str]:
    """The jars of Iceberg that are of another version than the table's, and makers whose jars are of several."""
    jars = [jar.split(":")[:3] for jar in table["maven"]]
    of_iceberg = [f"{name}:{version}" for maker, name, version in jars if maker == "org.apache.iceberg"]
    wrong = [jar for jar in of_iceberg if not jar.endswith(f":{table.get('iceberg')}")]
    sdk = {version for maker, name, version in jars if maker == "com.amazonaws"}
    return [*wrong, *([f"Amazon's SDK {', '.join(sorted(sdk))}"] if len(sdk) > 1 else [])]


def test_jars_that_belong_together_are_of_one_version() -> None:
    found = list(parts(tomllib.loads(PINNED.read_text())))
    assert {"3.5", "4.1", "rest-catalog"} <= {name for name, _ in found}
    assert {name: mixed(table) for name, table in found if mixed(table)} == {}


def test_jars_of_several_versions_are_seen() -> None:
    bundle, sdk = "org.apache.iceberg:iceberg-aws-bundle:1.10.1", "com.amazonaws:aws-java-sdk-"
    assert mixed({"iceberg": "1.11.0", "maven": {bundle: ""}}) == ["iceberg-aws-bundle:1.10.1"]
    assert mixed({"maven": {f"{sdk}core:1.12.262": "", f"{sdk}s3:1.12.263": ""}}) == ["Amazon's SDK 1.12.262, 1.12.263"]
