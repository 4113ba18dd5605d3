"""A published file is taken only when it is the one that was pinned."""

import hashlib
import shutil
from pathlib import Path

import pytest

from sparkproof.build import maven
from sparkproof.build.maven import Artifact
from sparkproof.core.errors import SparkproofError

SMALL = "org.slf4j:slf4j-api:2.0.17"
SMALL_SHA512 = (
    "9a3e79db6666a6096a3021bb2e1d918f30f589d8de51d6b600f8ebd92515a510"
    "ae2d8f87919cc2dfa8365d64f10194cac8dfa0fb950160eef0e9da06f6caaeb9"
)
FETCHES = pytest.mark.skipif(
    shutil.which("mvn") is None, reason="Maven is not installed; building an image installs it"
)


@FETCHES
def test_a_file_with_another_checksum_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    with pytest.raises(SparkproofError, match=r"slf4j-api:2\.0\.17 has the SHA-512 [0-9a-f]{128}, not the pinned 0"):
        maven.fetch([Artifact(SMALL, "0" * 128)])
    assert not list(tmp_path.rglob("*.jar"))


@FETCHES
def test_what_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    wanted = [Artifact(SMALL, SMALL_SHA512)]
    [fetched] = maven.fetch(wanted)
    assert fetched.name == "slf4j-api-2.0.17.jar"
    monkeypatch.setenv("PATH", "/nowhere")
    assert maven.fetch(wanted) == [fetched]


@pytest.mark.parametrize(
    ("coordinates", "name"),
    [
        ("g:thing:1.0", "thing-1.0.jar"),
        ("g:thing:1.0:jar:cuda13", "thing-1.0-cuda13.jar"),
        ("g:thing:1.0:tar.gz:bin", "thing-1.0-bin.tar.gz"),
    ],
)
def test_a_file_is_named_as_maven_names_it(coordinates: str, name: str) -> None:
    assert Artifact(coordinates, "").name == name


def test_a_file_whose_pin_has_changed_is_not_the_one_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    (tmp_path / "thing-1.0.jar").write_bytes(b"jar")
    own = Artifact("g:thing:1.0", hashlib.sha512(b"jar").hexdigest())
    assert own.keep(tmp_path) == own.cached
    assert Artifact("g:thing:1.0", "0" * 128).cached is None
