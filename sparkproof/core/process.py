"""Runs commands: argument lists only, output captured, a failure in one sentence with the command's last words."""

import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core.errors import SparkproofError

_LAST_LINES = 12
_LAST_CHARACTERS = 2000


@dataclass(frozen=True)
class Completed:
    """The result of a finished command: exit code, standard output and error as text, wall time in seconds."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    duration_s: float

    def checked(self) -> "Completed":
        """Return it; raises CommandFailed when the command exited non-zero."""
        if self.exit_code != 0:
            raise CommandFailed(self, f"exited with code {self.exit_code}")
        return self


class CommandFailed(SparkproofError):
    """A command did not do its work: its first line says which, how it ended, and its last words; then all of it."""

    def __init__(self, completed: Completed, how: str) -> None:
        self.completed = completed
        lines = [line for line in (completed.stderr.strip() or completed.stdout.strip()).splitlines() if line.strip()]
        said = f": {lines[-1].strip()}" if lines else ""
        called = [f"  {shlex.join(completed.argv)}", *(f"  {line}" for line in lines[-_LAST_LINES:])]
        super().__init__("\n".join([f"`{_name(completed.argv)}` {how}{said}", *called]))


def telling_line(output: str) -> str:
    """Return the line of an output that most likely explains a program's end: the last exception, else the last words.

    A bracket that closes a message is none. Without any line it is empty.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    raised = [line for line in lines if "Exception:" in line or "Error:" in line]
    worded = [line for line in lines if any(map(str.isalnum, line))]
    return (raised or worded or lines or [""])[-1]


def last_words(output: str) -> str:
    """Return what a program said last: the telling line, and below it the last 2000 characters of it all."""
    telling, end = telling_line(output), output.strip()[-_LAST_CHARACTERS:]
    return end if end == telling else f"{telling}\n{end}"


def _name(argv: Sequence[str]) -> str:
    """Return the short name of a command: its program and, when it has one, its verb."""
    return " ".join([Path(argv[0]).name, *(word for word in argv[1:2] if word[:1].isalpha())])


def run(
    argv: Sequence[str | Path],
    *,
    timeout_s: float,
    check: bool = True,
    input_text: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Completed:
    """Run `argv` to its end and return what it printed.

    `env` replaces the whole environment when given. Raises CommandFailed when the program is missing, when it is
    still running after `timeout_s` seconds (it is killed), or, with `check`, when it exits non-zero.
    """
    command = tuple(str(part) for part in argv)
    started = time.monotonic()
    try:
        finished = subprocess.run(
            command,
            input=input_text,
            stdin=subprocess.DEVNULL if input_text is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            env=None if env is None else dict(env),
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError as missing:
        raise CommandFailed(Completed(command, 127, "", "", 0.0), f"cannot start ({missing.strerror})") from missing
    except subprocess.TimeoutExpired as late:
        left = Completed(command, 124, _text(late.stdout), _text(late.stderr), time.monotonic() - started)
        raise CommandFailed(left, f"was still running after {timeout_s:g} s and was stopped") from late
    done = Completed(command, finished.returncode, finished.stdout, finished.stderr, time.monotonic() - started)
    return done.checked() if check else done


def _text(raw: bytes | str | None) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else (raw or "")
