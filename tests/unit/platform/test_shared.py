"""What scenarios share is made once, by whichever process comes first, and removed after the last of its users."""

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.platform.shared import Shared

USERS = ("a", "b", "c")


def journal(folder: Path) -> list[str]:
    path = folder / "journal"
    return path.read_text().split() if path.exists() else []


def shared(folder: Path, *, keep: bool = False, fails: bool = False) -> Shared[str]:
    def note(word: str) -> Callable[[], None]:
        def write() -> None:
            with (folder / "journal").open("a") as file:
                file.write(f"{word}\n")

        return write

    def make() -> str:
        note("made")()
        time.sleep(0.2)
        if fails:
            raise SparkproofError("no image")
        return "made"

    return Shared(folder, USERS, make=make, find=lambda: "found", remove=note("removed"), keep=keep)


def use(folder: Path, user: str) -> None:
    one = shared(folder)
    one.join()
    time.sleep(0.1)
    one.leave(user)


def test_processes_make_it_once_and_the_last_one_removes_it(tmp_path: Path) -> None:
    workers = [multiprocessing.Process(target=use, args=(tmp_path, user)) for user in USERS]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert journal(tmp_path) == ["made", "removed"]


def test_it_stays_while_a_user_is_still_to_come(tmp_path: Path) -> None:
    one = shared(tmp_path)
    assert one.join() == "made"
    one.leave("a")
    one.leave("a")
    one.leave("b")
    one.leave("somebody else")
    assert journal(tmp_path) == ["made"]
    assert shared(tmp_path).join() == "found"


def test_a_user_that_is_tried_again_after_the_last_makes_it_anew(tmp_path: Path) -> None:
    one = shared(tmp_path)
    one.join()
    for user in USERS:
        one.leave(user)
    assert one.join() == "made"
    one.leave("c")
    assert journal(tmp_path) == ["made", "removed", "made", "removed"]


def test_what_is_to_be_kept_is_not_removed(tmp_path: Path) -> None:
    one = shared(tmp_path, keep=True)
    one.join()
    for user in USERS:
        one.leave(user)
    assert journal(tmp_path) == ["made"]


def test_after_two_failures_everybody_is_told_without_another_try(tmp_path: Path) -> None:
    for _ in range(3):
        with pytest.raises(SparkproofError, match="no image"):
            shared(tmp_path, fails=True).join()
    assert journal(tmp_path) == ["made", "made"]


def test_a_failure_that_does_not_come_back_is_forgotten(tmp_path: Path) -> None:
    with pytest.raises(SparkproofError, match="no image"):
        shared(tmp_path, fails=True).join()
    assert shared(tmp_path).join() == "made"


def test_it_makes_room_only_while_nobody_is_at_work(tmp_path: Path) -> None:
    one = shared(tmp_path)
    one.arrive("a")
    one.arrive("somebody else")
    one.join()
    assert not one.remove_if_idle()
    one.leave("a")
    assert one.remove_if_idle()
    assert journal(tmp_path) == ["made", "removed"]


def test_it_makes_no_room_while_it_is_being_made(tmp_path: Path) -> None:
    maker = multiprocessing.Process(target=use, args=(tmp_path, "a"))
    maker.start()
    while "made" not in journal(tmp_path):
        assert maker.is_alive()
        time.sleep(0.01)
    assert not shared(tmp_path).remove_if_idle()
    assert shared(tmp_path).to_come == 3, "it is known without waiting for that"
    maker.join(30)


def test_users_are_to_come_until_they_leave(tmp_path: Path) -> None:
    one = shared(tmp_path, keep=True)
    one.arrive("a")
    assert (one.to_come, one.is_made) == (3, False)
    one.join()
    one.leave("a")
    one.leave("somebody else")
    assert (one.to_come, one.is_made) == (2, True)
    one.remove_if_idle()
    assert not one.is_made


def test_at_the_end_it_goes_whoever_uses_it(tmp_path: Path) -> None:
    one = shared(tmp_path)
    one.arrive("a")
    one.join()
    one.end()
    assert journal(tmp_path) == ["made", "removed"]


def test_what_an_earlier_run_kept_makes_room_and_is_made_anew(tmp_path: Path) -> None:
    one = shared(tmp_path, keep=True)
    assert one.remove_if_idle()
    one.join()
    assert one.remove_if_idle()
    one.join()
    assert journal(tmp_path) == ["removed", "made", "removed", "made"]


def test_one_that_another_process_made_anew_is_found_anew(tmp_path: Path) -> None:
    one, other = shared(tmp_path), shared(tmp_path)
    assert one.join() == "made"
    assert other.remove_if_idle()
    assert other.join() == "made"
    assert one.join() == "found"
