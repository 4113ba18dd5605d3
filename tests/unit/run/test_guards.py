"""Code of others that breaks, or ends the process, becomes a cause and takes no result with it."""

import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core.errors import UsageError
from sparkproof.run import guards, own_process
from sparkproof.run.limits import OutOfTime


class Noted:
    """Results that only note causes."""

    def __init__(self) -> None:
        self.causes: list[str] = []

    def cause(self, sentence: str) -> None:
        self.causes.append(sentence)


def raising(error: BaseException) -> Any:
    def raises(*_: object) -> None:
        raise error

    return raises


def test_what_a_hook_raises_is_noted_and_goes_on() -> None:
    results: Any = Noted()
    with pytest.raises(ValueError, match="no room"):
        guards.noting_failure("before_all", raising(ValueError("no room")), results)("context")
    with pytest.raises(KeyboardInterrupt):
        guards.noting_failure("before_all", raising(KeyboardInterrupt()), results)("context")
    assert results.causes == ["before_all: ValueError: no room"]

    def hook(*args: str) -> tuple[str, ...]:
        return args

    noting = guards.noting_failure("after_all", hook, results)
    assert noting("a", "b") == ("a", "b")
    assert noting.__name__ == "hook"


class Formatter:
    """Something that breaks when it is shown the second step."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def step(self, step: object) -> str:
        self.seen.append(step)
        if step == "breaks":
            raise ValueError("no room")
        return "answer"

    def result(self, step: object) -> str:
        self.seen.append(step)
        return "answer"

    def close(self) -> None:
        raise BrokenPipeError

    def own(self) -> None:
        raise ValueError("not guarded")


def test_a_formatter_that_breaks_is_silenced_and_named() -> None:
    formatter: Any = Formatter()
    results: Any = Noted()
    guards.guard(formatter, results)
    assert (formatter.step("a"), formatter.result("b")) == ("answer", "answer")
    assert formatter.step("breaks") is None
    assert (formatter.result("c"), formatter.step("d"), formatter.close()) == (None, None, None)
    assert formatter.seen == ["a", "b", "breaks"]
    assert results.causes == ["Formatter Formatter broke: ValueError: no room"]
    with pytest.raises(ValueError, match="not guarded"):
        formatter.own()


def test_output_that_nobody_reads_is_said_so_and_ctrl_c_is_no_fault() -> None:
    results: Any = Noted()
    formatter: Any = Formatter()
    guards.guard(formatter, results)
    assert formatter.close() is None
    assert results.causes == [guards.UNREAD]
    stopped: Any = SimpleNamespace(**{name: raising(KeyboardInterrupt()) for name in guards._OF_FORMATTERS})
    guards.guard(stopped, results)
    for name in guards._OF_FORMATTERS:
        with pytest.raises(KeyboardInterrupt):
            getattr(stopped, name)()
    assert results.causes == [guards.UNREAD]


def test_a_reporter_that_breaks_is_silenced_and_named() -> None:
    results: Any = Noted()
    for name in ("feature", "end"):
        reporter: Any = SimpleNamespace(**{name: raising(SystemExit(3))})
        guards.guard_reporter(reporter, results)
        assert getattr(reporter, name)("x") is None
    assert results.causes == ["Reporter SimpleNamespace broke: SystemExit: 3"] * 2


def test_a_module_that_ends_the_program_is_named() -> None:
    with pytest.raises(UsageError) as refused, guards.loading():
        sys.exit(3)
    assert str(refused.value) == "test_guards.py ended the program while it was loaded: SystemExit: 3."
    for error in (ValueError("x"), KeyboardInterrupt(), UsageError("y")):
        with pytest.raises(type(error)), guards.loading():
            raise error
    with guards.loading():
        pass
    with pytest.raises(UsageError, match="ended the program"), guards.loading():
        raise OutOfTime("late")


def status_of(does: Any) -> int:
    """The exit code of a process of its own that does this."""
    child = os.fork()
    if not child:
        code = 99
        try:
            does()
        except BaseException as error:
            code = 98 if isinstance(error, SystemExit) else 97
        finally:
            own_process.end(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_process_that_a_loaded_module_forks_ends_there() -> None:
    def loads(stop: BaseException | None) -> Any:
        def load() -> None:
            with guards.loading():
                if os.fork() == 0:
                    if stop:
                        raise stop
                    return_code = 0
                else:
                    return_code = os.waitstatus_to_exitcode(os.wait()[1])
            own_process.end(return_code + 10)

        return load

    assert status_of(loads(None)) == 10
    assert status_of(loads(SystemExit(5))) == 15
    assert status_of(loads(ValueError("x"))) == 11


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions that end a process are as they were after a test."""
    for name in guards._ENDS:
        monkeypatch.setattr(os, name, getattr(os, name))


@pytest.mark.usefixtures("ends")
def test_a_step_cannot_end_the_process_suddenly() -> None:
    guards.no_sudden_end()
    with pytest.raises(SystemExit) as told:
        os._exit(7)
    assert told.value.code == "os._exit(7)"
    with pytest.raises(SystemExit) as told:
        os.execv("/bin/true", ["true"])
    assert told.value.code == "os.execv(/bin/true)"
    with pytest.raises(SystemExit) as told:
        os.execve("/bin/true", ["true"], {})
    assert told.value.code == "os.execve(/bin/true)"


@pytest.mark.usefixtures("ends")
def test_a_process_that_a_step_forks_ends_as_it_asks_to() -> None:
    guards.no_sudden_end()
    child = os.fork()
    if not child:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.usefixtures("ends")
def test_a_thread_that_ends_the_process_ends_the_run() -> None:
    said: list[str] = []
    ended: list[int] = []
    monkey = pytest.MonkeyPatch()
    monkey.setitem(guards._ENDS, "_exit", lambda *codes: ended.extend(codes))
    try:
        for act in (said.append, None):
            guards.no_sudden_end(lambda act=act: act)  # type: ignore[misc]
            thread = threading.Thread(target=os._exit, args=(4,))
            thread.start()
            thread.join()
    finally:
        monkey.undo()
    assert said == ["A thread of the project ended the program by os._exit(4)."]
    assert ended == [4, 4]


def test_a_text_that_the_output_cannot_hold_is_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as ascii_only:
        monkeypatch.setattr(sys, "stdout", ascii_only)
        guards.say("a\u2028b")
        assert (tmp_path / "out").read_bytes() == rb"a\u2028b" + b"\n", "it is written at once"


def test_a_text_that_nobody_reads_goes_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as unread:
        monkeypatch.setattr(sys, "stdout", unread)
        guards.say("verdict: success")
        assert Path(f"/proc/self/fd/{writes}").readlink() == Path(os.devnull)
        unread.write("more")
    assert capsys.readouterr().err == "verdict: success\n"
