"""Commands: what they print, how they fail, and that they end."""

import sys
import time

import pytest

from sparkproof.core import process


def test_output_and_exit_code_are_returned() -> None:
    done = process.run([sys.executable, "-c", "print(input())"], timeout_s=20, input_text="hello")
    assert (done.exit_code, done.stdout) == (0, "hello\n")


def test_a_failure_is_told_with_the_last_words_of_the_command() -> None:
    with pytest.raises(
        process.CommandFailed, match=r"^`python\S*` exited with code 3: out of luck\n  .*-c .*\n  out of luck$"
    ):
        process.run(
            [sys.executable, "-c", "import sys; print('out of luck', file=sys.stderr); sys.exit(3)"], timeout_s=20
        )


def test_a_missing_program_is_a_sentence() -> None:
    with pytest.raises(process.CommandFailed, match=r"^`no-such-program` cannot start \(No such file or directory\)"):
        process.run(["no-such-program"], timeout_s=1)


def test_a_command_that_outlives_its_limit_is_stopped() -> None:
    started = time.monotonic()
    with pytest.raises(process.CommandFailed, match=r"was still running after 0\.2 s and was stopped"):
        process.run(["sleep", "30"], timeout_s=0.2)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("output", "telling"),
    [
        ("INFO x\nno such file\n\n", "no such file"),
        ("Exception: a\n  at b\nCaused by: OtherException: no\n  at c\n)", "Caused by: OtherException: no"),
        ("Traceback\nValueError: no\nINFO Shutdown hook called", "ValueError: no"),
        ("pods is forbidden: (no rights\n)\n", "pods is forbidden: (no rights"),
        ("...\n)", ")"),
        (" \n", ""),
    ],
)
def test_the_last_exception_explains_an_end_and_else_the_last_line(output: str, telling: str) -> None:
    assert process.telling_line(output) == telling


def test_last_words_begin_with_the_line_that_explains_and_are_not_endless() -> None:
    assert process.last_words("no such file") == "no such file"
    said = process.last_words("ValueError: no\n" + 3000 * "x" + "y")
    assert said.splitlines()[0] == "ValueError: no"
    assert said.splitlines()[1] == 1999 * "x" + "y"


def test_a_command_has_the_environment_that_is_given_and_nothing_to_read() -> None:
    program = "import os, sys; print(sorted(os.environ.keys() & {'OWN', 'HOME'}), repr(sys.stdin.read()))"
    done = process.run([sys.executable, "-c", program], timeout_s=20, env={"OWN": "1"})
    assert done.stdout == "['OWN'] ''\n"


def test_what_a_stopped_command_printed_is_kept() -> None:
    with pytest.raises(process.CommandFailed) as stopped:
        process.run(["sh", "-c", "echo begun; echo trouble >&2; exec sleep 30"], timeout_s=0.5)
    assert (stopped.value.completed.stdout, stopped.value.completed.stderr) == ("begun\n", "trouble\n")
