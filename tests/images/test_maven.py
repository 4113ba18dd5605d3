"""A jar is taken only when it is the one that was pinned."""

import shutil
from pathlib import Path

import pytest

from sparkproof.cluster.maven import Jar
from sparkproof.errors import SparkproofError

SMALL = "org.slf4j:slf4j-api:2.0.17"


@pytest.mark.skipif(shutil.which("mvn") is None, reason="Maven is not installed; building an image installs it")
def test_a_jar_with_another_checksum_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    with pytest.raises(SparkproofError, match=r"slf4j-api:2\.0\.17 has the SHA-512 [0-9a-f]{128}, not the pinned 0"):
        Jar(SMALL, "0" * 128).fetch()
    assert not [path for path in tmp_path.rglob("*.jar") if ".partial" not in str(path)]
