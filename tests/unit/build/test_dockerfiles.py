"""What an image is made of and starts with: pinned packages, the pods' user, and no variable that nobody needs."""

import re
from pathlib import Path

import pytest

from sparkproof.build.recipes import DOCKER
from tests.support.dockerfiles import instructions

FILES = sorted(DOCKER.glob("*/Dockerfile"))
by_image = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
# The images that run as the user of the one that they stand on.
ON_ANOTHERS = {"airflow", "jupyter", "mlflow-client", "rest-catalog", "spark-gpu"}
# What each image tells its programs: one more can open what was closed, or send what was to stay.
VARIABLES = {
    "airflow": "HOME USER AIRFLOW_HOME AIRFLOW__CORE__EXECUTOR AIRFLOW__CORE__DAGS_FOLDER AIRFLOW__CORE__LOAD_EXAMPLES "
    "AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE AIRFLOW__CORE__EXECUTION_API_SERVER_URL AIRFLOW__API__WORKERS "
    "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED AIRFLOW__METRICS__LEGACY_NAMES_ON "
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL "
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED GX_ANALYTICS_ENABLED PATH",
    "backup": "PATH LANG TZ",
    "java": "JAVA_HOME LANG TZ",
    "jupyter": "HOME GX_ANALYTICS_ENABLED PATH",
    "mlflow": "PATH HOME LANG TZ GIT_PYTHON_REFRESH MLFLOW_DISABLE_TELEMETRY MLFLOW_SERVER_ENABLE_JOB_EXECUTION "
    "MLFLOW_WORKERS",
    "mlflow-client": "HOME PATH GIT_PYTHON_REFRESH MLFLOW_DISABLE_TELEMETRY MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING "
    "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL",
    "object-store": "VGW_PORT VGW_HEALTH VGW_REGION VGW_QUIET",
    "postgres": "PATH PGDATA PGHOST PGUSER LANG TZ",
    "rest-catalog": "",
    "spark": "SPARK_HOME SPARK_VERSION JAVA_HOME PATH",
    "spark-gpu": "NVIDIA_DRIVER_CAPABILITIES",
}
# What a variable has to say, in whatever image: another word opens, sends, shows or slows something.
VALUES = {
    "AIRFLOW_HOME": "/var/lib/airflow",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__DAGS_FOLDER": "/dags",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE": "False",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://localhost:8080/execution/",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
    "AIRFLOW__METRICS__LEGACY_NAMES_ON": "False",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "GX_ANALYTICS_ENABLED": "false",
    "LANG": "C.UTF-8",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # On the chart's volume.
    "PGDATA": "/var/lib/postgresql/${POSTGRESQL_VERSION}",
    "PGHOST": "/run/postgresql",
    "VGW_REGION": "us-east-1",
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": "10",
    "MLFLOW_WORKERS": "1",
    "NVIDIA_DRIVER_CAPABILITIES": "compute,utility",
    "TZ": "UTC",
    "VGW_HEALTH": "/health",
    "VGW_PORT": ":7070",
}
_TINI = '"/usr/bin/tini", "-s", "--"'
_TINI_OF_ALL = _TINI.replace('"-s"', '"-s", "-g"')
# How the program of an image is started and asked to end: an init hands signals on and reaps what its programs leave.
STARTS = {
    # What its scheduler is asked, its tasks are asked too.
    "airflow": [f'ENTRYPOINT [{_TINI_OF_ALL}, "/opt/sparkproof/airflow_starts.py"]', 'CMD ["api-server"]'],
    "backup": [f'ENTRYPOINT [{_TINI}, "/opt/sparkproof/backup.py"]'],
    "java": [],
    "jupyter": ['CMD ["jupyter", "lab"]'],
    "mlflow": [f"ENTRYPOINT [{_TINI}]", 'CMD ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000"]'],
    "mlflow-client": [],
    # It is one program that starts no other.
    "object-store": ['ENTRYPOINT ["/versitygw"]', 'CMD ["posix", "/data"]'],
    "postgres": ["STOPSIGNAL SIGINT", f'ENTRYPOINT [{_TINI}, "/opt/sparkproof/entrypoint.sh"]'],
    "rest-catalog": [
        f'ENTRYPOINT [{_TINI}, "/usr/lib/jvm/java/bin/java", "-XX:MaxRAMPercentage=50", '
        '"-Dorg.slf4j.simpleLogger.log.org.apache.iceberg.rest=warn", "-cp", "/opt/rest-catalog/*", '
        '"org.apache.iceberg.rest.RESTCatalogServer"]'
    ],
    "spark": [f'ENTRYPOINT [{_TINI}, "/opt/sparkproof/entrypoint.sh"]'],
    "spark-gpu": [],
}
_OF_STARTS = ("ENTRYPOINT ", "CMD ", "STOPSIGNAL ", "HEALTHCHECK ", "ONBUILD ", "VOLUME ", "SHELL ")


# What is copied of the build's folder: its mode, if it is said, the files, and where they go.
COPIED = re.compile(r"COPY (?:--chmod=(\d+) )?(?!--)(.*) (\S+)")
# Where an image has its programs, and where programs look for the jars that came from Maven, or the build does.
PROGRAMS = r"/opt/sparkproof/(java/bin/)?|/versitygw"
JARS = {
    "jupyter": ["/opt/jupyter/share/webjars/"],
    "postgres": ["/tmp/maven/"],
    "rest-catalog": ["/opt/rest-catalog/"],
    "spark": ["/opt/spark/jars/", "/tmp/maven/"],
    "spark-gpu": ["/opt/spark/jars/"],
}


def faults(path: Path) -> list[str]:
    """What is wrong with a Dockerfile, in sentences."""
    found, image = instructions(path), path.parent.name
    told = []
    users = [line.split()[1] for line in found[found.index(_last_stage(found)) :] if line.startswith("USER ")]
    if [user.partition(":")[0] for user in users[-1:]] != ([] if image in ON_ANOTHERS else ["185"]):
        told.append(f"{image} runs as {users[-1] if users else 'root, or as the user of another image'}")
    for line in found:
        if re.search(r"\bpip (--python \S+ )?install\b", line) and "--require-hashes" not in line:
            told.append(f"{image} takes packages whatever is in them: {line[:60]}")
        if re.search(r"^ADD |\b(curl|wget|git clone)\b", line):
            told.append(f"{image} takes what nobody has pinned: {line[:60]}")
    said = {
        name: text
        for line in found
        if line.startswith("ENV ")
        for name, text in re.findall(r"(?:^ENV|\s)\s*(\w+)=(\S*)", line)
    }
    given = set(said)
    known = set(VARIABLES.get(image, "").split())
    told += [f"{image} tells its programs {name}, which nobody asked for" for name in sorted(given - known)]
    told += [f"{image} does not tell its programs {name}" for name in sorted(known - given)]
    told += [
        f"{image} tells its programs {name}={text}; expected {VALUES[name]}"
        for name, text in said.items()
        if text != VALUES.get(name, text)
    ]
    starts = [re.sub(" +", " ", line) for line in found if line.startswith(_OF_STARTS)]
    if starts != STARTS.get(image, []):
        told.append(f"{image} starts or ends by {starts or 'what it stands on'}; expected {STARTS.get(image, [])}")

    for mode, what, where in (copied.groups() for line in found if (copied := COPIED.fullmatch(line))):
        if re.fullmatch(PROGRAMS, where) and mode != "0755":
            told.append(f"{image} has programs that its user cannot run: {what} in {where}")
        if what == "maven/" and where not in JARS[image]:
            told.append(f"{image} has jars where nothing looks for them: {where}")
    return told


def _last_stage(found: list[str]) -> str:
    return [line for line in found if line.startswith("FROM ")][-1]


@by_image
def test_an_image_is_made_of_what_is_pinned_and_tells_no_more_than_it_has_to(path: Path) -> None:
    assert faults(path) == []


def test_each_image_has_a_list_of_its_variables_and_a_way_to_start() -> None:
    assert {path.parent.name for path in FILES} == VARIABLES.keys() == STARTS.keys()


@pytest.mark.parametrize(
    ("image", "old", "new", "fault"),
    [
        ("mlflow", "--require-hashes ", "", "mlflow takes packages whatever is in them: RUN python3 -m venv"),
        ("mlflow", "USER 185:185\n", "", "mlflow runs as root"),
        ("backup", "USER 185:185", "USER 0", "backup runs as 0"),
        ("rest-catalog", "EXPOSE 8181", "USER 0\nEXPOSE 8181", "rest-catalog runs as 0"),
        ("spark-gpu", "COPY maven/", "ADD https://example.org/a.jar", "spark-gpu takes what nobody has pinned: ADD"),
        ("java", " tini ", " tini curl ", "java takes what nobody has pinned: RUN"),
        (
            "airflow",
            "AIRFLOW__API__WORKERS=1",
            "AIRFLOW__API__WORKERS=1 AIRFLOW__API__EXPOSE_CONFIG=True",
            "airflow tells its programs AIRFLOW__API__EXPOSE_CONFIG, which nobody asked for",
        ),
        ("object-store", "VGW_QUIET=true", "ROOT_SECRET_KEY=key", "object-store tells its programs ROOT_SECRET_KEY"),
        ("mlflow", "MLFLOW_DISABLE_TELEMETRY=true", "A=b", "mlflow does not tell its programs MLFLOW_DISABLE_TELEM"),
        ("airflow", "EXAMPLES=False", "EXAMPLES=True", "AIRFLOW__CORE__LOAD_EXAMPLES=True; expected False"),
        ("java", "TZ=UTC", "TZ=Europe/Berlin", "java tells its programs TZ=Europe/Berlin; expected UTC"),
        ("backup", '"/usr/bin/tini", "-s", "--", ', "", "backup starts or ends by ['ENTRYPOINT [\"/opt/sparkproof/ba"),
        ("postgres", "STOPSIGNAL SIGINT\n", "", "expected ['STOPSIGNAL SIGINT', "),
        (
            "spark-gpu",
            "0755 gpu-discovery.sh",
            "0744 gpu-discovery.sh",
            "spark-gpu has programs that its user cannot run",
        ),
        ("backup", "COPY --chmod=0755 backup.py", "COPY backup.py", "backup has programs that its user cannot run"),
        ("spark-gpu", "/opt/spark/jars/", "/opt/spark/jars/rapids/", "spark-gpu has jars where nothing looks for them"),
        ("mlflow", '"5000"]', '"5000", "--allowed-hosts", "*"]', '"--allowed-hosts", "*"]\']; expected'),
    ],
)
def test_what_is_not_pinned_and_what_nobody_asked_for_is_found(
    tmp_path: Path, image: str, old: str, new: str, fault: str
) -> None:
    (tmp_path / image).mkdir()
    broken = tmp_path / image / "Dockerfile"
    text = (DOCKER / image / "Dockerfile").read_text()
    assert old in text
    broken.write_text(text.replace(old, new))
    assert any(fault in each for each in faults(broken)), faults(broken)
