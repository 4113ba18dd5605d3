"""The cache gives whole entries only, makes each once, and gets over a maker that was killed."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.core import cache


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))


def test_an_entry_is_made_once_and_kept() -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "program").write_text("1")

    first, second = (cache.entry("tool/a", "k1", make) for _ in range(2))
    assert first == second == cache.lookup("tool/a", "k1")
    assert (first / "program").read_text() == "1"
    assert len(made) == 1


def test_other_inputs_make_another_entry() -> None:
    one, two = (cache.entry("tool", key, lambda _: None) for key in ("k1", "k2"))
    assert one != two


def test_a_failed_maker_leaves_no_entry() -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.entry("tool", "k", fail)
    assert cache.lookup("tool", "k") is None
    assert not list(cache.entry("tool", "k", lambda _: None).iterdir())


def test_the_next_run_gets_over_a_killed_maker() -> None:
    def hang() -> None:
        def make(folder: Path) -> None:
            (folder / "half").write_text("x")
            time.sleep(60)

        cache.entry("tool", "k", make)

    maker = multiprocessing.get_context("fork").Process(target=hang)
    maker.start()
    while not (cache.root() / "tool-k.partial" / "half").exists():
        assert maker.is_alive()
    assert maker.pid
    os.kill(maker.pid, signal.SIGKILL)
    maker.join()
    assert cache.lookup("tool", "k") is None
    assert not list(cache.entry("tool", "k", lambda _: None).iterdir())


def twice_at_once(work: Callable[[], None]) -> None:
    """Do the work in two processes at the same time; both end well."""
    both = [multiprocessing.get_context("fork").Process(target=work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
        assert each.exitcode == 0


def test_two_at_once_make_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def want() -> None:
        def make(_: Path) -> None:
            with log.open("a") as lines:
                lines.write("made\n")
            time.sleep(0.2)

        cache.entry("tool", "k", make)

    twice_at_once(want)
    assert log.read_text() == "made\n"


def test_a_scratch_folder_is_empty_for_one_at_a_time_and_goes_again(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def work() -> None:
        with cache.scratch("tool") as folder:
            (folder / str(os.getpid())).touch()
            time.sleep(0.2)
            with log.open("a") as lines:
                lines.write(f"{len(list(folder.iterdir()))}\n")

    left = cache.root() / "tool.partial"
    left.mkdir(parents=True)
    (left / "of a killed process").touch()
    twice_at_once(work)
    assert log.read_text() == "1\n1\n"
    assert not left.exists()


def test_the_digest_tells_texts_and_files_apart(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("ab")
    assert cache.digest(file) == cache.digest("ab") == cache.digest(b"ab")
    assert len({cache.digest("ab", "c"), cache.digest("a", "bc"), cache.digest("abc")}) == 3


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARKPROOF_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache.root() == Path("/x/sparkproof")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    assert cache.root() == Path("/home/someone/.cache/sparkproof")
