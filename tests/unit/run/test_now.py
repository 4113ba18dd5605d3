"""A parent and its workers see at once what the other one writes into the memory that they share."""

from sparkproof.run.now import Halt, Now


def test_a_text_that_is_too_long_is_cut_and_a_shorter_one_replaces_it_whole() -> None:
    now = Now()
    now.write("é" * Now.SIZE)
    assert now.read() == "é" * (Now.SIZE // 2)
    now.write("Given a cluster")
    assert now.read() == "Given a cluster"


def test_a_halt_is_set_for_good() -> None:
    halt = Halt()
    assert not halt.is_set
    halt.set()
    assert halt.is_set
