"""The image's entrypoint starts the role that Spark on Kubernetes asks for, with arguments as they were given."""

import subprocess
from pathlib import Path

import pytest

from sparkproof.build.recipes import DOCKER

ENTRYPOINT = DOCKER / "spark" / "entrypoint.sh"
# What a driver tells an executor.
EXECUTOR = (
    *("SPARK_DRIVER_URL", "SPARK_EXECUTOR_ID", "SPARK_EXECUTOR_CORES", "SPARK_EXECUTOR_MEMORY"),
    *("SPARK_APPLICATION_ID", "SPARK_RESOURCE_PROFILE_ID", "SPARK_EXECUTOR_POD_IP", "SPARK_EXECUTOR_POD_NAME"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of Spark and Java whose programs print their arguments, one a line."""
    (tmp_path / "bin").mkdir()
    for program in ("java", "spark-submit", "spark-class"):
        path = tmp_path / "bin" / program
        path.write_text(f'#!/bin/bash\nprintf "%s\\n" {program} "$@"\necho "${{SPARK_CONF_DIR:-}}" >&2\n')
        path.chmod(0o755)
    return tmp_path


def start(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"SPARK_HOME": str(home), "JAVA_HOME": str(home), "PATH": "/usr/bin:/bin"}
    command = ["bash", str(ENTRYPOINT), *arguments]
    return subprocess.run(command, env={**known, **environment}, capture_output=True, text=True, check=False)


def test_an_executor_gets_the_drivers_options_in_their_order(home: Path) -> None:
    options = {f"SPARK_JAVA_OPT_{n}": f"-Dn={n} of 12" for n in range(12)}
    told = {
        "SPARK_DRIVER_URL": "spark://driver:7078",
        "SPARK_EXECUTOR_ID": "7",
        "SPARK_EXECUTOR_CORES": "1",
        "SPARK_EXECUTOR_MEMORY": "640m",
        "SPARK_APPLICATION_ID": "app",
        "SPARK_RESOURCE_PROFILE_ID": "0",
        "SPARK_EXECUTOR_POD_IP": "10.0.0.7",
        "SPARK_EXECUTOR_POD_NAME": "exec-7",
    }
    words = start(home, "executor", **options, **told).stdout.splitlines()
    assert words[1:13] == [f"-Dn={n} of 12" for n in range(12)]
    assert words[13:15] == ["-Xms640m", "-Xmx640m"]
    named = words[words.index("org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend") + 1 :]
    assert dict(zip(named[::2], named[1::2], strict=True)) == {
        "--driver-url": "spark://driver:7078",
        "--executor-id": "7",
        "--cores": "1",
        "--app-id": "app",
        "--hostname": "10.0.0.7",
        "--resourceProfileId": "0",
        "--podName": "exec-7",
    }


def test_an_executor_has_the_settings_then_sparks_jars_then_what_the_application_adds(home: Path) -> None:
    told = dict.fromkeys(EXECUTOR, "1")
    words = start(home, "executor", **told, SPARK_CLASSPATH="/extra/a.jar").stdout.splitlines()
    assert words[words.index("-cp") + 1] == f"{home}/conf:{home}/jars/*:/extra/a.jar"
    words = start(home, "executor", **told, SPARK_CONF_DIR="/given").stdout.splitlines()
    assert words[words.index("-cp") + 1].startswith(f"/given:{home}/jars/*")


def test_the_databases_password_is_in_a_file_of_its_user_and_nowhere_else(home: Path) -> None:
    told = start(home, "env", POSTGRES_PASSWORD=r"a:b\c&d", HOME=str(home))
    assert told.returncode == 0
    assert "PASSWORD" not in told.stdout
    kept = home / ".pgpass"
    assert kept.read_text() == "*:*:*:*:" + r"a\:b\\c&d" + "\n"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_an_executor_without_its_drivers_words_does_not_start(home: Path) -> None:
    refused = start(home, "executor")
    assert refused.returncode != 0
    assert "SPARK_EXECUTOR_MEMORY: unbound variable" in refused.stderr


def test_the_connect_server_is_submitted_with_the_settings_given(home: Path) -> None:
    words = start(home, "connect", "--conf", "spark.a=b c").stdout.splitlines()
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    assert words == ["spark-submit", "--class", server, "--conf", "spark.a=b c", "spark-internal"]


def test_a_driver_is_submitted_in_its_own_pod(home: Path) -> None:
    words = start(home, "driver", "--class", "Main", SPARK_DRIVER_BIND_ADDRESS="10.0.0.9").stdout.splitlines()
    bound = ["--conf", "spark.driver.bindAddress=10.0.0.9"]
    assert words == ["spark-submit", *bound, "--deploy-mode", "client", "--class", "Main"]


DAEMONS = {
    "master": "org.apache.spark.deploy.master.Master",
    "worker": "org.apache.spark.deploy.worker.Worker",
    "history": "org.apache.spark.deploy.history.HistoryServer",
    "metastore": "org.apache.hadoop.hive.metastore.HiveMetaStore",
}


@pytest.mark.parametrize(("role", "program"), DAEMONS.items(), ids=DAEMONS)
def test_a_daemon_stays_in_the_foreground_with_the_arguments_given(home: Path, role: str, program: str) -> None:
    assert start(home, role, "--port", "1 2").stdout.splitlines() == ["spark-class", program, "--port", "1 2"]


def test_only_the_metastore_has_settings_of_its_own(home: Path) -> None:
    settings = {role: start(home, role, SPARK_CONF_DIR="/given").stderr.strip() for role in DAEMONS}
    assert settings == {**dict.fromkeys(DAEMONS, "/given"), "metastore": "/opt/sparkproof/metastore"}


def test_any_other_command_is_run_as_it_is(home: Path) -> None:
    assert start(home, "echo", "a  b").stdout == "a  b\n"


@pytest.mark.parametrize("role", ["connect", "driver", *DAEMONS, "sh"])
def test_what_a_container_ends_with_is_what_its_program_ended_with(home: Path, role: str) -> None:
    for program in ("spark-submit", "spark-class"):
        (home / "bin" / program).write_text("#!/bin/bash\nexit 3\n")
    ended = start(home, role, *(["-c", "exit 3"] if role == "sh" else []), SPARK_DRIVER_BIND_ADDRESS="10.0.0.9")
    assert ended.returncode == 3


@pytest.mark.parametrize("role", ["connect", "driver", "executor", *DAEMONS, "sh"])
def test_a_program_takes_the_place_of_the_shell_so_that_signals_reach_it(home: Path, role: str) -> None:
    for program in ("java", "spark-submit", "spark-class"):
        (home / "bin" / program).write_text("#!/bin/bash\necho $$\n")
    told = dict.fromkeys([*EXECUTOR, "SPARK_DRIVER_BIND_ADDRESS"], "1")
    command = ["bash", str(ENTRYPOINT), role, *(["-c", "echo $$"] if role == "sh" else [])]
    known = {"SPARK_HOME": str(home), "JAVA_HOME": str(home), "PATH": "/usr/bin:/bin", **told}
    with subprocess.Popen(command, env=known, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout and started.stdout.read().split()[-1] == str(started.pid)


def test_without_a_role_it_says_what_it_knows(home: Path) -> None:
    refused = start(home)
    assert refused.returncode == 64
    assert "connect, driver, executor, master, worker, history, metastore, bucket" in refused.stderr
