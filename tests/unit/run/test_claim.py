"""A folder of reports belongs to one run at a time."""

import errno
import fcntl
import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.run.claim import claim
from sparkproof.run.results import Results


def in_a_fork(does: Callable[[], object]) -> None:
    """Call `does` in a process of its own, in which it must not raise."""
    child = os.fork()
    if not child:
        code = 1
        try:
            does()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_second_run_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    (tmp_path / ".run").write_text("an earlier, longer line\n")
    held = claim(tmp_path)

    def second() -> None:
        with pytest.raises(OSError, match="runs and writes there") as refused:
            claim(tmp_path)
        assert refused.value.errno == errno.EBUSY
        assert refused.value.filename == str(tmp_path)
        said = f"process {os.getppid()} runs and writes there: wait for its end, or give -D reports=FOLDER"
        assert refused.value.strerror == said

    # A process that closes any file of that name gives its own hold away, so only others look.
    in_a_fork(second)
    in_a_fork(second)
    held.close()
    assert (tmp_path / ".run").read_text() == f"{os.getpid()}\n"
    in_a_fork(lambda: claim(tmp_path))


@pytest.mark.parametrize(("number", "refused"), [(errno.EACCES, True), (errno.EAGAIN, True), (errno.ENOLCK, False)])
def test_a_file_system_without_locks_stops_no_run(
    number: int, refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lockf(*_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(fcntl, "lockf", lockf)
    if refused:
        with pytest.raises(OSError, match="runs and writes there"):
            claim(tmp_path)
    else:
        assert not claim(tmp_path).closed


def test_a_second_run_that_is_refused_takes_nothing_of_the_first(tmp_path: Path) -> None:
    made = Results(tmp_path)
    for name in ("ledger.jsonl", "verdict.json", "run.log"):
        (tmp_path / name).write_text("of the first run")

    def second() -> None:
        with pytest.raises(OSError, match="runs and writes there"):
            Results(tmp_path)

    in_a_fork(second)
    assert made.lines == []
    assert {each.name for each in tmp_path.iterdir()} == {".run", "ledger.jsonl", "verdict.json", "run.log"}
    assert (tmp_path / "ledger.jsonl").read_text() == "of the first run"
