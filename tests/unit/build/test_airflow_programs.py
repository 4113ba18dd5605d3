"""The small programs of Airflow's image: keys that they make, which answer is a good one, and how tasks end."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import programs

WELL = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy"}}
ILL = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}}
CUT_OFF = {"metadatabase": {"status": "unhealthy"}, "scheduler": {"status": "unhealthy"}}


def program(name: str) -> Any:
    return programs.program(f"airflow/{name}.py")


def _end(_: str, argv: list[str]) -> None:
    raise SystemExit(" ".join(argv))


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    found = program("airflow_starts")
    monkeypatch.setattr(found, "_PASSWORDS", tmp_path / "passwords.json")
    monkeypatch.setattr(os, "environ", {"AIRFLOW_SECRET": "long", "PASSWORD_OF_viewer": "v"})
    monkeypatch.setattr(os, "execvp", _end)
    monkeypatch.setattr("sys.argv", ["airflow_starts.py", "scheduler"])
    return found


def test_a_program_starts_with_keys_and_without_the_secrets(starts: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        starts.main()
    assert ended.value.code == "airflow scheduler"
    assert json.loads(starts._PASSWORDS.read_text()) == {"viewer": "v"}
    keys = {name: os.environ[name] for name in os.environ if name.endswith(("SECRET", "KEY"))}
    assert len(set(keys.values())) == len(keys) == 3
    assert all(len(key) == 44 for key in keys.values()), "a Fernet key has 32 bytes, in 44 letters"
    assert not {"AIRFLOW_SECRET", "PASSWORD_OF_viewer"} & set(os.environ)
    assert os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] == str(starts._PASSWORDS)


def test_the_scheduler_starts_when_the_server_for_tasks_answers(starts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(address: str, timeout: float) -> io.BytesIO:
        asked.append(address)
        if len(asked) < 3:
            raise ConnectionRefusedError(timeout)
        return io.BytesIO()

    monkeypatch.setattr(starts, "urlopen", answer)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setitem(os.environ, "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://localhost:8080/execution/")
    with pytest.raises(SystemExit, match="airflow scheduler"):
        starts.main()
    assert asked == ["http://localhost:8080/execution/health"] * 3
    monkeypatch.setattr("sys.argv", ["airflow_starts.py", "api-server"])
    monkeypatch.setitem(os.environ, "AIRFLOW_SECRET", "long")
    with pytest.raises(SystemExit, match="airflow api-server"):
        starts.main()
    assert len(asked) == 3


def test_programs_of_one_pod_share_their_keys_and_another_secret_gives_others(starts: Any) -> None:
    assert starts.key("long", "tokens") == starts.key("long", "tokens")
    assert starts.key("long", "tokens") not in (starts.key("other", "tokens"), starts.key("long", "cookies"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"AIRFLOW_SECRET": ""}, "No secret"),
        ({}, "No secret"),
        ({"AIRFLOW_SECRET": "x", "PASSWORD_OF_a": ""}, "for a:"),
    ],
    ids=["empty", "none", "a user without a password"],
)
def test_what_would_let_anybody_in_is_refused(
    starts: Any, given: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", given)
    with pytest.raises(SystemExit, match=words):
        starts.main()


@pytest.mark.parametrize(
    ("body", "options", "fails"),
    [
        (WELL, [], False), (ILL, [], True), (ILL, ["--or-silent"], True), ({}, [], True),
        (CUT_OFF, [], True), (CUT_OFF, ["--or-silent"], False),
        (None, [], True), (None, ["--or-silent"], False),
    ],
)  # fmt: skip
def test_a_program_is_judged_by_what_the_server_says_of_it(
    body: Any, options: list[str], fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_: str, timeout: float) -> io.BytesIO:
        assert timeout < 10, "a probe of the chart would be over, and a server that is silent a fault of the program"
        if body is None:
            raise ConnectionRefusedError("nobody listens")
        return io.BytesIO(json.dumps(body).encode())

    answers = program("airflow_answers")
    monkeypatch.setattr(answers, "urlopen", answer)
    monkeypatch.setattr("sys.argv", ["airflow_answers.py", "scheduler", *options])
    with pytest.raises(SystemExit) as ended:
        answers.main()
    assert bool(ended.value.code) == fails
