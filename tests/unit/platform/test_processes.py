"""Spark's processes in a cluster's place: what of a chart they are configured by, and that none of them stays."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from behave.model import Scenario
from behave.runner_util import parse_features

from sparkproof.core.errors import UsageError
from sparkproof.core.wait import GaveUp
from sparkproof.platform.classes import classes
from sparkproof.platform.machine import Machine
from sparkproof.platform.processes import Processes
from sparkproof.platform.spec import ReleaseSpec

ROOT = Path(__file__).resolve().parents[3]
CHARTS = ROOT / "charts"
# The presets that change how Spark works; others bring programs of their own, which need Kubernetes.
OF_SPARK = {"small", "gpu", "iceberg"}
# In the place of spark-submit: listens where the configuration says, with a child as Spark has executors.
SERVER = """#!/bin/sh
port=$(sed -n 's/^spark.connect.grpc.binding.port=//p' "$SPARK_CONF_DIR/spark-defaults.conf")
python3 -c "
import socket, sys, time
server = socket.create_server(('127.0.0.1', int(sys.argv[1])))
time.sleep(600)" "$port" &
sleep 600
"""
BROKEN = "#!/bin/sh\necho 'Error: no plugin of that name' >&2\nexit 1\n"
# Ends as Java does: what went wrong stands above more lines of the trace than the last words have.
TRACED = """#!/bin/sh
echo 'WARNING: an incubator module'
echo 'Exception in thread "main" java.lang.IllegalStateException: no session'
echo 'Caused by: java.io.IOException: no such folder'
for frame in $(seq 100); do echo "	at org.apache.spark.Some.frame$frame(Some.scala:$frame)"; done
exit 1
"""


@dataclass
class Here:
    processes: Processes
    writing: int

    def running(self) -> list[str]:
        """The processes that work in the platform's folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self.processes.folder:
                    found.append((process / "cmdline").read_text())
        return found


def spark_home(folder: Path, server: str) -> Path:
    for part in ("bin", "jars", "sql"):
        (folder / part).mkdir(parents=True)
    (folder / "jars" / "spark-core_2.13-4.1.1.jar").touch()
    (folder / "bin" / "spark-submit").write_text(server)
    (folder / "bin" / "spark-submit").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def manifests() -> str:
    return ReleaseSpec(CHARTS / "spark-4.1", "4.1.1", ("small", "gpu")).rendered_here()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    reading, writing = os.pipe()
    home = spark_home(tmp_path / "spark", SERVER)
    made = Here(Processes(Machine(home), tmp_path / "platform", reading), writing)
    yield made
    with suppress(OSError):
        os.close(writing)
    os.close(reading)


def test_what_a_chart_configures_is_kept_but_for_what_is_about_pods(here: Here, manifests: str) -> None:
    here.processes.start(manifests)
    folder = here.processes.folder
    properties = dict(line.split("=", 1) for line in (folder / "conf" / "spark-defaults.conf").read_text().splitlines())
    assert properties["spark.plugins"] == "com.nvidia.spark.SQLPlugin"
    assert properties["spark.sql.catalog.lake.warehouse"] == f"file://{folder}/warehouse"
    assert properties["spark.master"] == "local-cluster[1,4,4096]"
    assert {properties[f"spark.{who}.resource.gpu.amount"] for who in ("worker", "executor")} == {"1"}
    assert os.access(properties["spark.worker.resource.gpu.discoveryScript"], os.X_OK)
    assert not [name for name in properties if name.startswith(("spark.kubernetes", "spark.dynamicAllocation"))]
    assert {properties["spark.driver.bindAddress"], properties["spark.connect.grpc.binding.address"]} == {"127.0.0.1"}
    assert (folder / "conf" / "fairscheduler.xml").is_file()
    here.processes.stop()


def test_all_that_was_started_ends_and_its_folder_goes(here: Here, manifests: str) -> None:
    here.processes.start(manifests)
    assert here.running()
    here.processes.stop()
    assert not here.running()
    assert not here.processes.folder.exists()


def test_it_can_be_started_again(here: Here, manifests: str) -> None:
    for _ in range(2):
        here.processes.start(manifests)
        here.processes.stop()


def test_it_ends_when_nobody_holds_the_pipe_any_more(here: Here, manifests: str) -> None:
    here.processes.start(manifests)
    os.close(here.writing)
    end = time.monotonic() + 10
    while here.running() and time.monotonic() < end:
        time.sleep(0.05)
    assert not here.running()
    here.processes.stop()


def test_a_server_that_ends_is_not_waited_for_and_its_last_words_are_told(here: Here, manifests: str) -> None:
    (here.processes.machine.spark_home / "bin" / "spark-submit").write_text(BROKEN)
    with pytest.raises(GaveUp, match="no plugin of that name"):
        here.processes.start(manifests)
    assert not here.processes.folder.exists()


def test_a_server_that_ends_with_a_stack_trace_says_its_cause_first(here: Here, manifests: str) -> None:
    (here.processes.machine.spark_home / "bin" / "spark-submit").write_text(TRACED)
    with pytest.raises(GaveUp) as ended:
        here.processes.start(manifests)
    said = str(ended.value).splitlines()
    assert said[0].endswith("Spark's server has ended: Caused by: java.io.IOException: no such folder")
    assert "Some.frame100" in said[-1]


def test_a_server_that_ends_without_a_trace_says_its_last_line_first(here: Here, manifests: str) -> None:
    (here.processes.machine.spark_home / "bin" / "spark-submit").write_text(
        BROKEN.replace("echo", "echo a warning; echo", 1)
    )
    with pytest.raises(GaveUp) as ended:
        here.processes.start(manifests)
    assert str(ended.value).splitlines()[0].endswith("Spark's server has ended: Error: no plugin of that name")


def test_the_version_is_that_of_the_jars(tmp_path: Path) -> None:
    machine = Machine(spark_home(tmp_path / "spark", SERVER))
    assert machine.spark_version == "4.1.1"
    assert machine.lack("4.1.1") == ""
    assert "is 4.1.1: name another -D spark_home=" in machine.lack("4.1.0")


def test_a_folder_without_spark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no Spark in"):
        _ = Machine(tmp_path).spark_version


def test_but_for_gpus_everything_is_a_clusters() -> None:
    assert "have no Kubernetes" in Machine(Path("/opt/spark")).support("storage").reason


def with_processes() -> list[Scenario]:
    """The criteria that say that Spark's processes will do."""
    features = parse_features(sorted(str(path) for path in (ROOT / "features").rglob("*.feature")))
    return [each for feature in features for each in feature.walk_scenarios() if "processes" in each.effective_tags]


@pytest.mark.parametrize("scenario", with_processes(), ids=lambda each: each.name)
def test_criteria_that_processes_will_do_for_have_a_platform_of_spark_alone(scenario: Scenario) -> None:
    steps = (*scenario.background_steps, *scenario.steps)
    given = {step.name.partition(" on Spark")[0] for step in steps if step.step_type == "given"}
    used = [each for each in classes().values() if given & {f"a {each.name} platform", each.phrase}]
    assert used
    assert all(set(each.presets) <= OF_SPARK and each.session == "connect" for each in used)
