"""The services' images do what a chart relies on: run from the built image, as its user, with a pod's mounts."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from sparkproof.core import process, wait
from tests.support.containers import Container, answer, free_port

pytestmark = pytest.mark.cluster

SECRETS = {"metastore": 'it\'s "quoted" \\here', "rest": "plain"}


@pytest.fixture
def container(request: pytest.FixtureRequest) -> Iterator[Container]:
    made = Container(request.param)
    yield made
    made.remove()


class Postgres:
    """A PostgreSQL of the image over the folders of `home`, which stay when it stops."""

    def __init__(self, container: Container, home: Path) -> None:
        self.container, self.home, self.port = container, home, str(free_port())
        self.databases, self.log = home / "databases", home / "log"
        self.mounts = {
            home / "data": "/var/lib/postgresql",
            home / "run": "/run/postgresql",
            home / "tmp": "/tmp",
            self.databases: "/etc/sparkproof/databases",
        }
        self.databases.mkdir(parents=True)
        for name, password in SECRETS.items():
            (self.databases / name).write_text(password)

    @property
    def started(self) -> AbstractContextManager[None]:
        return self.container.running(log=self.log, env={"PGPORT": self.port}, mounts=self.mounts)

    def as_superuser(self, statement: str) -> process.Completed:
        """What the superuser, over the socket in the pod, gets."""
        command = ["psql", "-qtAXc", statement]
        return self.container.run(*command, env={"PGPORT": self.port}, mounts=self.mounts)

    def as_user(self, user: str, password: str, *command: str, database: str = "") -> process.Completed:
        """What `command` gets that is run elsewhere, as `user`."""
        where = {"PGHOST": "127.0.0.1", "PGPORT": self.port, "PGDATABASE": database or user}
        return self.container.run(*command, env={**where, "PGUSER": user, "PGPASSWORD": password})

    def must_be_ready(self) -> None:
        def ready() -> bool:
            return (
                self.as_user("rest", (self.databases / "rest").read_text(), "psql", "-qtAXc", "SELECT 1").exit_code == 0
            )

        wait.eventually("an answer of PostgreSQL", ready, bool, within_s=120)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    container = Container("postgres")
    yield Postgres(container, tmp_path / "postgres")
    container.remove()


SELECT = ("psql", "-qtAXc", "SELECT current_user, current_database()")


def test_every_mounted_password_is_a_users_with_a_database(postgres: Postgres) -> None:
    with postgres.started:
        postgres.must_be_ready()
        for name, password in SECRETS.items():
            assert postgres.as_user(name, password, *SELECT).stdout == f"{name}|{name}\n"
        assert "password authentication failed" in postgres.as_user("rest", "wrong", *SELECT).stderr
        assert "CONNECT" in postgres.as_user("rest", SECRETS["rest"], *SELECT, database="metastore").stderr
        assert postgres.as_superuser("SELECT current_user").stdout == "postgres\n"
        assert postgres.as_user("postgres", "", *SELECT).exit_code != 0
    assert not [password for password in SECRETS.values() if password in postgres.log.read_text()]


def test_a_restart_keeps_the_rows_and_takes_the_new_password(postgres: Postgres) -> None:
    with postgres.started:
        postgres.must_be_ready()
        postgres.as_user("rest", SECRETS["rest"], "psql", "-Xc", "CREATE TABLE kept AS SELECT 7 AS seven")
    assert "database system is shut down" in postgres.log.read_text()
    (postgres.databases / "rest").write_text("another")
    (postgres.home / "data" / "15").chmod(0o770)  # as a volume's fsGroup does
    with postgres.started:
        postgres.must_be_ready()
        assert postgres.as_user("rest", "another", "psql", "-qtAXc", "SELECT seven FROM kept").stdout == "7\n"
        assert postgres.as_user("rest", SECRETS["rest"], *SELECT).exit_code != 0


def test_an_empty_password_stops_the_start(postgres: Postgres) -> None:
    (postgres.databases / "rest").write_text("")
    refused = postgres.container.run(
        "/opt/sparkproof/entrypoint.sh", env={"PGPORT": postgres.port}, mounts=postgres.mounts
    )
    assert refused.exit_code != 0
    assert "The password in /etc/sparkproof/databases/rest is empty." in refused.stderr


def test_the_metastores_schema_is_made_once(postgres: Postgres) -> None:
    make = ("metastore", SECRETS["metastore"], "/opt/sparkproof/entrypoint.sh", "metastore-schema")
    with postgres.started:
        postgres.must_be_ready()
        assert postgres.as_user("metastore", "wrong", *make[2:]).exit_code != 0
        assert postgres.as_user(*make).stdout == "The metastore's schema is made.\n"
        assert postgres.as_user(*make).stdout == "The metastore's schema is there.\n"
        version = ("psql", "-qtAXc", 'SELECT "SCHEMA_VERSION", (SELECT count(*) FROM hive_locks) FROM "VERSION"')
        assert postgres.as_user("metastore", SECRETS["metastore"], *version).stdout == "2.3.0|0\n"


@pytest.mark.parametrize("container", ["object-store"], indirect=True)
def test_the_store_is_healthy_and_shows_nobody_anything(container: Container, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    env = {"ROOT_ACCESS_KEY": "key", "ROOT_SECRET_KEY": "kept-secret", "VGW_PORT": f"127.0.0.1:{port}"}
    with container.running(log=log, env=env, mounts={tmp_path / "data": "/data"}):
        assert answer(f"http://127.0.0.1:{port}/health", log)[0] == 200
        assert answer(f"http://127.0.0.1:{port}/", log)[0] == 403
    assert "kept-secret" not in log.read_text()


@pytest.mark.parametrize("container", ["rest-catalog"], indirect=True)
def test_the_catalog_answers_and_keeps_its_passwords_to_itself(
    container: Container, postgres: Postgres, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    env = {
        "CATALOG_CATALOG__IMPL": "org.apache.iceberg.jdbc.JdbcCatalog",
        "CATALOG_URI": f"jdbc:postgresql://127.0.0.1:{postgres.port}/rest",
        "CATALOG_JDBC_USER": "rest",
        "CATALOG_JDBC_PASSWORD": SECRETS["rest"] + "-secret",
        "CATALOG_WAREHOUSE": "file:///tmp/warehouse",
    }
    (postgres.databases / "rest").write_text(env["CATALOG_JDBC_PASSWORD"])
    with postgres.started:
        postgres.must_be_ready()
        with container.running(log=log, env=env):
            status, namespaces = answer("http://127.0.0.1:8181/v1/namespaces", log)
    assert (status, '"namespaces":[]' in namespaces) == (200, True)
    assert env["CATALOG_JDBC_PASSWORD"] not in log.read_text()


@pytest.mark.parametrize("container", ["jupyter:4.1.1"], indirect=True)
@pytest.mark.parametrize("by_file", [False, True], ids=["token", "file"])
def test_jupyter_lets_in_who_has_the_token(container: Container, by_file: bool, tmp_path: Path) -> None:
    port, log, home = free_port(), tmp_path / "log", tmp_path / "home"
    home.mkdir()
    (home / "token").write_text("kept-secret\n")
    told = {"JUPYTER_TOKEN_FILE": "/home/jupyter/token"} if by_file else {"JUPYTER_TOKEN": "kept-secret"}
    with container.running("jupyter", "lab", f"--port={port}", log=log, env=told, mounts={home: "/home/jupyter"}):
        server = f"http://127.0.0.1:{port}/api"
        assert answer(server, log)[0] == 200
        assert answer(f"{server}/contents", log)[0] == 403
        assert answer(f"{server}/contents?token=kept-secret", log)[0] == 200
        kernels = answer(f"{server}/kernelspecs?token=kept-secret", log)[1]
    assert "ipykernel_launcher" in kernels
    assert "kept-secret" not in log.read_text()


@pytest.mark.parametrize("container", ["jupyter:4.1.1"], indirect=True)
@pytest.mark.parametrize("told", [{}, {"JUPYTER_TOKEN": ""}], ids=["none", "empty"])
def test_jupyter_without_a_token_does_not_start(container: Container, told: dict[str, str], tmp_path: Path) -> None:
    refused = container.run("jupyter", "lab", env=told, mounts={tmp_path / "home": "/home/jupyter"})
    assert refused.exit_code != 0
    assert "No token: give JUPYTER_TOKEN" in refused.stderr
