"""PostgreSQL's image: databases get their passwords before anybody can call, and what cannot be made ends the start."""

import subprocess
from pathlib import Path

import pytest

from sparkproof.build.recipes import DOCKER

ENTRYPOINT = DOCKER / "postgres" / "entrypoint.sh"
# Each program notes its name and arguments; psql also what it is given to do, and it refuses what REFUSED names.
PROGRAM = """#!/bin/bash
echo "$(basename "$0") $*" >> "$NOTES"
case "$(basename "$0")" in
  postgres) echo "postgres is process $$" >> "$NOTES" ;;
  initdb) mkdir "$PGDATA.partial" && touch "$PGDATA.partial/pg_hba.conf" ;;
  psql) [[ $* == *--command* ]] && echo "$IS_THERE" && exit
        [[ $* == *--file* ]] && exit "${FAILED:-0}"
        sed 's/^/  /' >> "$NOTES"
        [[ -z ${REFUSED:-} || $* != *"name=$REFUSED"* ]] || exit 3 ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A machine with stand-ins for PostgreSQL's programs and the passwords of two databases."""
    for name in ("bin", "databases"):
        (tmp_path / name).mkdir()
    for name in ("initdb", "pg_ctl", "psql", "postgres"):
        (tmp_path / "bin" / name).write_text(PROGRAM)
        (tmp_path / "bin" / name).chmod(0o755)
    for name in ("jdbc", "rest"):
        (tmp_path / "databases" / name).write_text(f"the password of {name}")
    return tmp_path


def start(folder: Path, *arguments: str, **variables: str) -> tuple[int, list[str]]:
    """Start the image's program; return its exit code and what was done."""
    known = {
        "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
        "NOTES": str(folder / "notes"),
        "PGDATA": str(folder / "data"),
        "PGUSER": "postgres",
        "DATABASES": str(folder / "databases"),
    }
    command = ["bash", str(ENTRYPOINT), *arguments]
    ended = subprocess.run(command, env={**known, **variables}, capture_output=True, text=True, check=False)
    notes = folder / "notes"
    return ended.returncode, notes.read_text().splitlines() if notes.exists() else []


def test_the_network_comes_when_each_database_has_its_password(folder: Path) -> None:
    code, done = start(folder, "-c", "max_connections=100")
    programs = [line.partition(" ")[0] for line in done[:-1] if not line.startswith("  ")]
    assert (code, programs) == (0, ["initdb", "pg_ctl", "psql", "psql", "pg_ctl", "postgres"])
    assert done[1] == "pg_ctl start --wait --silent --options -c listen_addresses=''"
    assert done[-2] == "postgres -c listen_addresses=* -c max_connections=100"


def test_a_new_cluster_asks_for_passwords_and_notices_damage(folder: Path) -> None:
    _, done = start(folder)
    asked = dict(zip(words := done[0].split(), words[1:], strict=False))
    # Whoever shares the pod's socket is who its user ID says.
    assert (asked["--auth-local"], asked["--auth-host"]) == ("peer", "scram-sha-256")
    assert "--data-checksums" in asked
    assert (folder / "data" / "pg_hba.conf").read_text() == "host all all all scram-sha-256\n"
    (folder / "notes").unlink()
    _, again = start(folder)
    assert not [line for line in again if line.startswith("initdb")], "one that is there is not made anew"


def test_a_database_takes_the_password_that_its_secret_has_now_and_is_nobody_elses(folder: Path) -> None:
    _, done = start(folder)
    said = [line.strip() for line in done if line.startswith("  ")]
    for words in (
        # It may log in, and nothing else: whoever makes roles could give other catalogs' users a password.
        "SELECT format('CREATE ROLE %I LOGIN', :'name') "
        "WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \\gexec",
        "ALTER ROLE :\"name\" PASSWORD :'password';",
        'REVOKE ALL ON DATABASE :"name" FROM PUBLIC;',
        "SET log_min_error_statement = panic;",
    ):
        assert said.count(words) == 2, f"{words} is not said of each database"
    assert not any("the password of" in line for line in done), "a password is an argument, or in a statement"
    assert all("ON_ERROR_STOP=1" in line for line in done if line.startswith("psql"))


@pytest.mark.parametrize(
    ("refused", "empty", "code"), [("jdbc", "", 3), ("rest", "", 3), ("", "rest", 65)], ids=["first", "last", "empty"]
)
def test_a_database_that_cannot_be_made_ends_the_start(folder: Path, refused: str, empty: str, code: int) -> None:
    if empty:
        (folder / "databases" / empty).write_text("")
    ended, done = start(folder, REFUSED=refused)
    assert ended == code
    assert not [line for line in done if line.startswith("postgres ")], "it serves without a database"


@pytest.mark.parametrize(("there", "failed", "code"), [("t", "3", 0), ("f", "0", 0), ("f", "3", 3)])
def test_the_schema_of_a_metastore_is_made_once_and_whole(folder: Path, there: str, failed: str, code: int) -> None:
    ended, done = start(folder, "metastore-schema", IS_THERE=there, FAILED=failed)
    assert ended == code
    made = [line for line in done if "--file" in line]
    assert len(made) == (there == "f")
    for option in ("--single-transaction", "ON_ERROR_STOP=1"):
        assert not [line for line in made if option not in line], f"without {option} half of a schema may stay"


def test_the_server_takes_the_place_of_the_program_and_hears_that_it_is_to_end(folder: Path) -> None:
    known = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "NOTES": str(folder / "notes"), "PGUSER": "postgres"}
    places = {"PGDATA": str(folder / "data"), "DATABASES": str(folder / "databases")}
    started = subprocess.Popen(["bash", str(ENTRYPOINT)], env={**known, **places})
    assert started.wait(30) == 0
    assert (folder / "notes").read_text().splitlines()[-1] == f"postgres is process {started.pid}"


def test_a_start_that_was_killed_and_a_folder_that_others_may_read_do_not_keep_it_from_starting(folder: Path) -> None:
    (folder / "data.partial").mkdir()
    assert start(folder)[0] == 0
    (folder / "data").chmod(0o770)
    assert start(folder)[0] == 0
    assert (folder / "data").stat().st_mode & 0o777 == 0o700
