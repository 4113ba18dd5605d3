"""Java as Spark's programs start it takes the place of the script, so that it hears what its pod is asked."""

import subprocess
from pathlib import Path

import pytest

from sparkproof.build.recipes import DOCKER


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The image's script with a Java that tells its process and its arguments."""
    java, own = tmp_path / "real", tmp_path / "java"
    java.write_text('#!/bin/bash\nprintf "%s\\n" $$ "$@"\n')
    java.chmod(0o755)
    (tmp_path / "classpath").write_text("/archived.jar")
    text = (DOCKER / "spark" / "java").read_text().replace("/usr/lib/jvm/java/bin/java", str(java))
    own.write_text(text.replace("/opt/sparkproof/shared", str(tmp_path)))
    return own


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        ("/c:/opt/spark/jars/*", ["-XX:SharedArchiveFile={}/classes.jsa", "-cp", "/archived.jar:/c:/opt/spark/jars/*"]),
        ("/other/*", ["-cp", "/other/*"]),
    ],
    ids=["with the archive", "without"],
)  # fmt: skip
def test_it_is_the_process_that_was_started(script: Path, classes: str, told: list[str]) -> None:
    command = ["bash", str(script), "-cp", classes, "Main"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"SPARK_HOME": "/opt/spark"})
    said = started.communicate(timeout=30)[0].splitlines()
    assert said == [str(started.pid), *(word.format(script.parent) for word in told), "Main"]
