"""Databases that are opened with their own password, with another's and with a wrong one."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.tenancy import databases
from sparkproof.tenancy.databases import DatabaseEntry, must_refuse
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

DENIED = 'psql: error: connection to server failed: FATAL:  permission denied for database "rest"'
READY = {"podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}]}


def entry(said: str, exit_code: int, database: str = "rest", user: str = "jdbc") -> DatabaseEntry:
    """What comes of opening a database whose server says this."""
    asked: list[Sequence[str]] = []

    def start(_pod: str, argv: Sequence[str], *_: object) -> RecordedStreams:
        asked.append(argv)
        return RecordedStreams(said, exit_code=exit_code, ended=True)

    kube = RecordedKube(pod("spark-postgres-0", "postgres", status=READY), programs=start)
    opened = DatabaseEntry.try_open(RecordedPlatform(kube), database, user)
    assert asked[0][-4:] == ["10.0.0.7", user, database, ""]
    return opened


def test_who_has_the_password_is_let_in(record: Record) -> None:
    entry("jdbc\n", 0, "jdbc").must_be_let_in()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "Who opens the database jdbc with the password of jdbc was let in"


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (DENIED, 2, re.escape(" ".join(DENIED.split()))),
        ("postgres", 0, "postgres"),
        ("", 0, "it said nothing"),
    ],
)
def test_who_is_not_let_in_as_the_passwords_user_is_named(said: str, code: int, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"with the password of jdbc was not let in as jdbc: {words}$"):
        entry(said, code).must_be_let_in()
    assert not record.proofs


def test_who_has_anothers_password_is_refused(record: Record) -> None:
    entry(DENIED, 2).must_be_refused("permission denied for database")
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("jdbc", 0, "was let in as jdbc, and had to be refused because of 'permission denied'"),
        ("psql: error: connection refused", 2, "was refused, but not because of 'permission denied'"),
    ],
)
def test_who_is_let_in_or_refused_for_another_reason_is_named(said: str, code: int, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        entry(said, code).must_be_refused("permission denied")
    assert not record.proofs


def test_a_wrong_password_is_that_of_nobody() -> None:
    assert str(entry("no", 2, "jdbc", "")) == "Who opens the database jdbc with a wrong password"


def with_databases(*opened: tuple[str, str], names: str = "jdbc rest") -> RecordedPlatform:
    """A platform whose server lets in who is `opened`, (database, user), and refuses all others."""

    def start(_pod: str, argv: Sequence[str], *_: object) -> RecordedStreams:
        if argv[0] == "ls":
            return RecordedStreams(f"{names}\n", exit_code=0, ended=True)
        user, database, _former = argv[-3:]
        let_in = (database, user) in opened
        return RecordedStreams(user if let_in else DENIED, exit_code=0 if let_in else 2, ended=True)

    return RecordedPlatform(RecordedKube(pod("spark-postgres-0", "postgres", status=READY), programs=start))


OWN = (("jdbc", "jdbc"), ("rest", "rest"))


def test_each_password_opens_its_own_database_and_no_other(record: Record) -> None:
    databases.must_open_own_only(databases.try_each(with_databases(*OWN)))
    assert len(record.proofs) == 4


@pytest.mark.parametrize(
    ("opened", "words"),
    [
        ((*OWN, ("rest", "jdbc")), "database rest with the password of jdbc was let in as jdbc"),
        ((*OWN, ("jdbc", "rest")), "database jdbc with the password of rest was let in as rest"),
        (OWN[:1], "database rest with the password of rest was not let in"),
    ],
)
def test_a_password_that_opens_another_database_or_not_its_own_is_named(
    opened: Sequence[tuple[str, str]], words: str
) -> None:
    with pytest.raises(CheckFailed, match=words):
        databases.must_open_own_only(databases.try_each(with_databases(*opened)))


def test_one_database_alone_is_closed_to_nobody() -> None:
    with pytest.raises(CheckFailed, match="no two databases"):
        databases.try_each(with_databases(names="jdbc"))


FAILED = 'FATAL:  password authentication failed for user "rest"'


def formerly(**answers: tuple[str, int]) -> RecordedPlatform:
    """A platform whose server says this to who opens a database by name."""

    def start(_pod: str, argv: Sequence[str], *_: object) -> RecordedStreams:
        user, database, password = argv[-3:]
        assert (user, password) == ("", f"former-{database}")
        said, exit_code = answers[database]
        return RecordedStreams(said, exit_code=exit_code, ended=True)

    return RecordedPlatform(RecordedKube(pod("spark-postgres-0", "postgres", status=READY), programs=start))


def test_each_database_refuses_its_password_of_before(record: Record) -> None:
    must_refuse(formerly(jdbc=(FAILED, 2), rest=(FAILED, 2)), {"jdbc": "former-jdbc", "rest": "former-rest"})
    assert [proof.seen.partition(" was ")[0] for proof in record.proofs] == [
        f"Who opens the database {each} with its password of before" for each in ("jdbc", "rest")
    ]


@pytest.mark.parametrize(
    ("rest", "words"), [(("rest", 0), "database rest .* was let in as rest"), ((DENIED, 2), "not because of")]
)
def test_one_that_takes_its_password_of_before_is_named(rest: tuple[str, int], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        must_refuse(formerly(jdbc=(FAILED, 2), rest=rest), {"jdbc": "former-jdbc", "rest": "former-rest"})


def test_no_database_refuses_nothing() -> None:
    with pytest.raises(CheckFailed, match="has no databases that could refuse"):
        must_refuse(formerly(), {})


# Stands in for psql: it says with which password it was to open what, as whom, and where.
PSQL = """#!/bin/bash
while (($#)); do
    case $1 in
        --host | --username | --dbname) printf '%s ' "$2"; shift ;;
    esac
    shift
done
printf '%s\\n' "$PGPASSWORD"
"""


@pytest.mark.parametrize(
    ("user", "former", "opened"),
    [
        ("rest", "", "10.0.0.7 rest rest own-of-rest"),
        ("jdbc", "", "10.0.0.7 jdbc rest own-of-jdbc"),
        ("", "", "10.0.0.7 rest rest wrong"),
        ("", "before", "10.0.0.7 rest rest before"),
    ],
    ids=["its own user", "another user", "a wrong password", "a former password"],
)
def test_the_program_opens_the_database_that_is_asked_for(user: str, former: str, opened: str, tmp_path: Path) -> None:
    (tmp_path / "psql").write_text(PSQL)
    (tmp_path / "psql").chmod(0o755)
    for name in ("rest", "jdbc"):
        (tmp_path / name).write_text(f"own-of-{name}\n")
    program = databases._OPEN.replace("/etc/sparkproof/databases", str(tmp_path))
    ended = subprocess.run(
        ["bash", "-c", program, "open", "10.0.0.7", user, "rest", former],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ended.stdout.strip() == opened
