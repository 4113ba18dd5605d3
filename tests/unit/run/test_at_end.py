"""A worker flushes and finalizes what it has made, and leaves to its parent what the parent has made."""

import gc
import io
import logging
import logging.handlers
import weakref
from pathlib import Path

from sparkproof.run import at_end


class Thing:
    """Something with an end."""


def test_what_is_written_is_flushed_before_a_copy_has_it(tmp_path: Path) -> None:
    text = (tmp_path / "text").open("w")
    binary = (tmp_path / "bytes").open("wb")
    both = (tmp_path / "both").open("w+b")
    text.write("a")
    binary.write(b"b")
    both.write(b"c")
    gc.freeze()
    try:
        files = at_end.flush_before_fork()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
    assert [(tmp_path / name).read_text() for name in ("text", "bytes", "both")] == ["a", "b", "c"]
    for file in (text, binary, both):
        assert any(file is each for each in files)
        file.close()
    assert {type(each) for each in files} <= {io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom}


def test_a_file_that_cannot_be_flushed_stops_no_other(tmp_path: Path) -> None:
    closed, full, good = ((tmp_path / name).open("w") for name in ("closed", "full", "good"))
    closed.close()
    full.buffer.raw.close()  # type: ignore[attr-defined]
    good.write("a")
    at_end._flush([closed, good])
    assert (tmp_path / "good").read_text() == "a"
    good.close()


class Full(logging.Handler):
    """A handler that has no room."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_handler_that_holds_records_is_flushed_the_latest_first(tmp_path: Path) -> None:
    target = logging.FileHandler(tmp_path / "log")
    holds = logging.handlers.MemoryHandler(100, flushLevel=logging.CRITICAL, target=target)
    holds.handle(logging.LogRecord("x", logging.INFO, "f", 1, "held", None, None))
    assert (tmp_path / "log").read_text() == ""
    full = Full()
    at_end._flush([])
    full.flush = lambda: None  # type: ignore[method-assign]
    assert (tmp_path / "log").read_text() == "held\n"
    holds.close()
    target.close()


def test_a_worker_finalizes_its_own_and_nothing_of_its_parents(tmp_path: Path) -> None:
    done: list[str] = []
    earlier = {each: each.atexit for each in list(weakref.finalize._registry)}  # type: ignore[attr-defined]
    thing, own = Thing(), Thing()
    parents = weakref.finalize(thing, done.append, "the parent's")
    try:
        before = gc.get_freeze_count()
        at_end.begin_worker()
        assert gc.get_freeze_count() > before
        assert not parents.atexit
        weakref.finalize(own, done.append, "its own")
        file = (tmp_path / "own").open("w")
        file.write("a")
        known = (tmp_path / "known").open("w")
        known.write("b")
        gc.freeze()  # what is frozen is not looked at, so it is flushed because it is known
        other = (tmp_path / "other").open("w")
        other.write("c")
        at_end.end_worker([known])
    finally:
        gc.unfreeze()
        for each, atexit in earlier.items():
            each.atexit = atexit
        parents.detach()
    assert done == ["its own"]
    assert (tmp_path / "known").read_text() == "b"
    assert (tmp_path / "other").read_text() == "c"
    for each in (file, known, other):
        each.close()
