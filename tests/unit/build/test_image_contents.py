"""What an image has: each program that it starts, each file that it copies, and the versions that its labels name."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build.recipes import DOCKER
from tests.support.dockerfiles import instructions
from tests.support.rendering import CHARTS

IMAGES = sorted(path.parent.name for path in DOCKER.glob("*/Dockerfile"))
by_image = pytest.mark.parametrize("image", IMAGES)
VERSIONS = tomllib.loads((DOCKER / "versions.toml").read_text())
# The tables of versions.toml whose files from Maven an image has.
ARTIFACTS = {
    "jupyter": {"quality"},
    "postgres": {"postgres"},
    "rest-catalog": {"rest-catalog", "jdbc"},
    "spark": {"spark", "jdbc"},
    "spark-gpu": {"rapids"},
}
# Where programs have their own files, and look for others: another path finds none, or those of another image.
PATHS = {
    "airflow": {
        "HOME": "/tmp",
        "USER": "airflow",
        "PATH": "/opt/airflow/bin:/opt/spark/bin:/usr/local/bin:/usr/bin:/bin",
    },
    "backup": {"PATH": "/usr/lib/postgresql/${POSTGRESQL_VERSION}/bin:/usr/bin:/bin"},
    "java": {"JAVA_HOME": "/usr/lib/jvm/java"},
    "jupyter": {"HOME": "/home/jupyter", "PATH": "/opt/jupyter/bin:/opt/spark/bin:/usr/local/bin:/usr/bin:/bin"},
    "mlflow": {"HOME": "/tmp", "PATH": "/opt/mlflow/bin:/usr/bin:/bin"},
    "mlflow-client": {"HOME": "/tmp", "PATH": "/opt/mlflow/bin:/opt/spark/bin:/usr/local/bin:/usr/bin:/bin"},
    "object-store": {},
    "postgres": {"PGUSER": "postgres", "PATH": "/usr/lib/postgresql/${POSTGRESQL_VERSION}/bin:/usr/bin:/bin"},
    "rest-catalog": {},
    # Spark's own Java has the archive of shared classes.
    "spark": {
        "SPARK_HOME": "/opt/spark",
        "JAVA_HOME": "/opt/sparkproof/java",
        "PATH": "/opt/spark/bin:/usr/local/bin:/usr/bin:/bin",
    },
    "spark-gpu": {},
}
PINNED = {
    ("mlflow", "mlflow.txt", "mlflow"), ("mlflow", "mlflow.txt", "mlflow-skinny"),
    ("mlflow", "mlflow-client.txt", "mlflow-skinny"), ("airflow", "airflow.txt", "apache-airflow"),
    ("quality", "quality.txt", "great-expectations"),
}  # fmt: skip
# The Hadoop that Spark's own packages have, which its connector to S3 has to be of.
HADOOP = {"3.5": "3.3.4", "4.1": "3.4.2"}


@cache
def text(image: str) -> str:
    return "\n".join(instructions(DOCKER / image / "Dockerfile"))


@cache
def recipe(image: str) -> Mapping[str, Any]:
    return tomllib.loads((DOCKER / image / "recipe.toml").read_text())


def chain(image: str) -> Iterator[str]:
    """The image and those that it stands on."""
    yield image
    if base := recipe(image).get("base", "").partition(":")[0]:
        yield from chain(base)


def started(image: str) -> list[str]:
    """The absolute paths of the programs by which an image starts."""
    lines = re.findall(r"^(?:ENTRYPOINT|CMD) (\[.*\])$", text(image), re.MULTILINE)
    return re.findall(r'"(/[^"*]*)"', " ".join(lines))


def provided(image: str, program: str) -> bool:
    """True if an image, or one that it stands on, installs, copies or links a program."""
    folder, name = program.rsplit("/", 1)
    copies = rf"COPY (?:--\S+ )*(?:\S+ )*{re.escape(name)} (?:\S+ )*{re.escape(folder)}/"
    # A link to a folder, and a program of Debian's that has the name of its package.
    links = rf"ln -s [^&]* {re.escape(program.partition('/bin/')[0])}\s"
    installs = rf"apt-get install [^&\n]*\b{re.escape(name)}\b"
    return any(
        re.search(copies, own) or re.search(links, own) or (folder == "/usr/bin" and re.search(installs, own))
        for own in map(text, chain(image))
    )


@by_image
def test_each_program_that_starts_is_there(image: str) -> None:
    # The folder that versitygw serves is a volume.
    assert [each for each in started(image) if each != "/data" and not provided(image, each)] == []


def copied(image: str) -> list[str]:
    """The files that are copied of the build's folder, and not of another stage."""
    lines = re.findall(r"^COPY ((?:--chmod=\d+ )?[^-].*) \S+$", text(image), re.MULTILINE)
    return [name for line in lines for name in line.split() if not name.startswith("--")]


def there(image: str, name: str) -> bool:
    own = recipe(image)
    if name == "maven/":
        return bool(own.get("artifacts"))
    return any((DOCKER / image).glob(name)) or name in own.get("files", {}) or name in own.get("programs", ())


@by_image
def test_each_file_that_is_copied_is_there(image: str) -> None:
    assert [name for name in copied(image) if not there(image, name)] == []


@by_image
def test_each_file_is_read_by_every_user_and_written_by_none(image: str) -> None:
    assert set(re.findall(r"--chmod=(\d+)", text(image))) <= {"0644", "0755"}


@by_image
def test_an_image_has_the_files_of_its_own_name(image: str) -> None:
    own = recipe(image)
    assert set(own.get("artifacts", ())) == ARTIFACTS.get(image, set())
    for name, source in own.get("files", {}).items():
        wanted = f"docker/requirements/{image}" if name == "requirements.txt" else f"/{name}"
        assert source.startswith(wanted) if name == "requirements.txt" else source.endswith(wanted)


@by_image
def test_programs_find_their_own_files_first(image: str) -> None:
    said = dict(re.findall(r"\b(HOME|USER|JAVA_HOME|SPARK_HOME|PGUSER|PATH)=(\S+)", text(image)))
    assert said == PATHS[image]


def test_a_notebook_users_home_is_the_volume_of_the_chart() -> None:
    template = (CHARTS / "spark-common/templates/_jupyter.tpl").read_text()
    assert f"mountPath: {PATHS['jupyter']['HOME']}\n" in template


def test_the_metastores_schema_is_made_step_by_step() -> None:
    found = re.findall(r"upgrade-([\d.]+)-to-([\d.]+)\.postgres\.sql", text("postgres"))
    first = re.findall(r"hive-schema-([\d.]+)\.postgres\.sql", text("postgres"))
    assert [*first, *(after for _, after in found)] == [*(before for before, _ in found), "2.3.0"]


@pytest.mark.parametrize(("table", "file", "package"), sorted(PINNED))
def test_what_is_installed_is_the_version_that_is_named(table: str, file: str, package: str) -> None:
    pins = re.findall(rf"^{package}==(\S+)", (DOCKER / "requirements" / file).read_text(), re.MULTILINE)
    assert pins == [VERSIONS[table]["version"]]


@pytest.mark.parametrize("line", VERSIONS["spark"]["lines"])
def test_sparks_connector_to_s3_is_of_its_hadoop(line: str) -> None:
    names = [name for name in VERSIONS["spark"]["lines"][line]["maven"] if ":hadoop-aws:" in name]
    assert names == [f"org.apache.hadoop:hadoop-aws:{HADOOP[line]}"]


def test_a_run_is_not_lost_that_gives_its_signs_of_life() -> None:
    every = int(re.findall(r"MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL=(\d+)", text("mlflow-client"))[0])
    after = re.findall(r'"--after", type=float, default=(\d+)', (DOCKER / "mlflow/lost_runs.py").read_text())
    assert [int(each) > 2 * every for each in after] == [True]


@pytest.mark.parametrize(
    ("image", "program", "is_there"),
    [
        ("airflow", "/usr/bin/tini", True),
        ("airflow", "/opt/sparkproof/airflow_starts.py", True),
        ("object-store", "/usr/bin/tini", False),
        ("spark", "/opt/sparkproof/backup.py", False),
    ],
)
def test_a_program_that_no_image_of_the_chain_has_is_seen(image: str, program: str, is_there: bool) -> None:
    assert provided(image, program) is is_there


def test_a_file_that_nobody_brings_is_seen() -> None:
    assert not there("airflow", "offline_pages.py")
    assert not there("airflow", "maven/")
    assert Path(DOCKER / "airflow" / "spark_tasks.py").is_file() and there("airflow", "spark_tasks.py")
