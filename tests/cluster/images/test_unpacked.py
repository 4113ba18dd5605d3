"""What an image of Spark holds works in a folder, for a machine that has no Kubernetes."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sparkproof.build import images, unpacked
from sparkproof.platform.machine import Machine
from sparkproof.platform.processes import Processes
from sparkproof.platform.spec import ReleaseSpec
from tests.support.containers import Container

pytestmark = pytest.mark.cluster

CHARTS = Path(__file__).resolve().parents[3] / "charts"
VERSION = "4.1.1"


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    Container(f"spark:{VERSION}").remove()
    for name, value in unpacked.write(images.recipe(VERSION), tmp_path / "image").items():
        monkeypatch.setenv(name, value)
    reading, writing = os.pipe()
    with closing(os.fdopen(reading)), closing(os.fdopen(writing)):
        made = Processes(Machine(tmp_path / "image" / "spark"), tmp_path / "platform", reading)
        made.start(ReleaseSpec(CHARTS / "spark-4.1", VERSION).rendered_here())
        yield made
        made.stop()


def test_spark_writes_and_reads_a_table_from_the_folder(platform: Processes) -> None:
    session = platform.open_session()
    assert session.server_version == VERSION
    session.run("CREATE TABLE lake.team.numbers USING iceberg AS SELECT id FROM range(4)")
    assert session.run("SELECT sum(id) FROM lake.team.numbers").rows[0][0] == 6
