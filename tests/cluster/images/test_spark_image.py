"""The built image of each Spark version holds the programs that its labels name, and nothing of who built it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sparkproof.build import versions
from tests.support.containers import Container

pytestmark = pytest.mark.cluster

# Asks each program itself. The question of the probe is compared with what PySpark's own client would send.
WITNESS = """
import json, os, re, runpy, subprocess, sys, zipfile
import pyspark
from pyspark.sql.connect.proto import base_pb2

java = subprocess.run([os.environ["JAVA_HOME"] + "/bin/java", "-version"], capture_output=True, text=True).stderr
jars = os.listdir("/opt/spark/jars")
def jar(pattern):
    return next(m.group(1) for m in map(re.compile(pattern).fullmatch, jars) if m)
iceberg = jar(r"(iceberg-spark-runtime-.*\\.jar)")
built = zipfile.ZipFile("/opt/spark/jars/" + iceberg).read("iceberg-build.properties").decode()
question = base_pb2.AnalyzePlanRequest.FromString(runpy.run_path("/opt/sparkproof/connect_answers.py")["QUESTION"])
# Starts programs of Spark until they give up; the settings lie in a folder that is not empty, as in a pod.
loaded = "/tmp/loaded"
log = f"-Xlog:class+load:file={loaded}"
executor = ("ID", "CORES", "POD_IP", "POD_NAME")
given = {f"SPARK_EXECUTOR_{name}": "1" for name in executor} | {
    "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@127.0.0.1:1", "SPARK_EXECUTOR_MEMORY": "200m",
    "SPARK_APPLICATION_ID": "none", "SPARK_RESOURCE_PROFILE_ID": "0", "SPARK_JAVA_OPT_0": log, "SPARK_CONF_DIR": "/etc"}
SHARING = {
    "driver": ["spark-submit", "--driver-java-options", log, "--class", "none", "spark-internal"],
    "executor": ["executor"],
}
def shared(role, *command):
    subprocess.run(["/opt/sparkproof/entrypoint.sh", *command], env={**os.environ, **given}, capture_output=True)
    sources = re.findall(r"\\] org\\.apache\\.spark\\.\\S+ source: (shared objects file|file:)", open(loaded).read())
    os.remove(loaded)
    return sources.count("shared objects file") / len(sources)
print(json.dumps({
    "spark": pyspark.__version__,
    "spark jar": jar(r"spark-core_[0-9.]+-(.*)\\.jar"),
    "connect": jar(r"spark-connect_[0-9.]+-([0-9.]+)\\.jar"),
    "scala": jar(r"scala-library-([0-9]+\\.[0-9]+)\\..*\\.jar"),
    "java": re.search(r'version "([0-9]+)', java).group(1),
    "python": "%d.%d" % sys.version_info[:2],
    "iceberg": re.search(r"git.build.version=(\\S+)", built).group(1),
    "user": os.getuid(),
    "question": question.WhichOneof("analyze"),
    "shared": {role: shared(role, *command) for role, command in SHARING.items()},
    "leftovers": [p for p in ("/run/host", "/etc/apt/sources.list", "/etc/pip.conf") if os.path.exists(p)],
}))
"""


@dataclass(frozen=True)
class Built:
    config: dict[str, Any]
    found: dict[str, Any]


@pytest.fixture(scope="module", params=versions.names())
def built(request: pytest.FixtureRequest) -> Iterator[Built]:
    container = Container(f"spark:{request.param}")
    try:
        printed = container.run("python3", "-c", WITNESS)
        assert printed.exit_code == 0, printed.stderr
        yield Built(container.config, json.loads(printed.stdout))
    finally:
        container.remove()


@pytest.mark.parametrize("program", ["spark", "connect", "scala", "java", "python", "iceberg"])
def test_the_program_is_the_one_that_the_label_names(built: Built, program: str) -> None:
    assert built.found[program] == built.config["Labels"][f"dev.sparkproof.{program}"]


def test_client_and_server_are_one_version(built: Built) -> None:
    assert (
        built.found["spark"] == built.found["spark jar"] == built.config["Labels"]["org.opencontainers.image.version"]
    )


def test_it_runs_as_a_plain_user(built: Built) -> None:
    assert built.config["User"] == "185"
    assert built.found["user"] == 185


def test_the_probe_asks_for_the_version_as_a_client_would(built: Built) -> None:
    assert built.found["question"] == "spark_version"


@pytest.mark.parametrize("role", ["driver", "executor"])
def test_most_classes_of_spark_come_from_the_archive_that_the_build_made(built: Built, role: str) -> None:
    assert built.found["shared"][role] > 0.8


def test_nothing_of_the_builders_settings_is_left(built: Built) -> None:
    assert built.found["leftovers"] == []
    assert not [entry for entry in built.config["Env"] if entry.startswith(("PIP_", "APT_", "SSL_", "http"))]
