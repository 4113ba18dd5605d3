"""What is sent at one end of a channel arrives at the other one, whole, in order, or is named."""

import os
import pickle

import pytest

from sparkproof.run.channel import Channel


class Unmakeable:
    """Something that its class refuses to make of its bytes."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _refuse, ("no room",)


def _refuse(why: str) -> None:
    raise {"stop": KeyboardInterrupt}.get(why, ValueError)(why)


class Stops(Unmakeable):
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _refuse, ("stop",)


def test_what_is_sent_arrives_both_ways_and_in_order() -> None:
    here, there = Channel.pair()
    for message in ("one", {"two": [2]}, None):
        here.send(message)
    there.send("answer")
    assert [there.receive(), there.receive(), there.receive()] == ["one", {"two": [2]}, None]
    assert here.receive() == "answer"
    assert not here.ended
    here.close()
    with pytest.raises(EOFError):
        there.receive()
    with pytest.raises(BrokenPipeError):
        there.send("late")
    there.close()


def test_what_has_not_arrived_whole_waits_for_its_rest() -> None:
    here, there = Channel.pair()
    content = pickle.dumps("x" * 10)
    whole = len(content).to_bytes(8, "big") + content
    os.write(here._writable, whole + whole[:5])
    assert list(there.arrived()) == ["x" * 10]
    os.write(here._writable, whole[5:20])
    assert list(there.arrived()) == []
    os.write(here._writable, whole[20:] + whole)
    assert list(there.arrived()) == ["x" * 10, "x" * 10]
    assert not there.ended
    os.write(here._writable, whole)
    here.close()
    assert list(there.arrived()) == ["x" * 10]
    assert list(there.arrived()) == []
    assert there.ended
    there.close()


def test_what_a_dead_process_left_is_taken_without_waiting() -> None:
    here, there = Channel.pair()
    for number in range(3):
        here.send((number, "x" * 5000))
    assert [number for number, _ in there.drain()] == [0, 1, 2]
    assert not there.ended, "somebody still holds its pipe"
    here.send("last")
    here.close()
    assert list(there.drain()) == ["last"]
    assert there.ended
    there.close()


def test_what_is_longer_than_a_pipe_is_sent_whole() -> None:
    here, there = Channel.pair()
    child = os.fork()
    if not child:
        try:
            here.send("x" * 3_000_000)
        finally:
            os._exit(0)
    assert len(there.receive()) == 3_000_000
    os.waitpid(child, 0)
    here.close()
    there.close()


def test_what_cannot_be_made_here_is_named() -> None:
    here, there = Channel.pair()
    here.send(Unmakeable())
    here.send("next")
    assert list(there.arrived()) == [("unreadable", "ValueError: no room"), "next"]
    here.send(Stops())
    with pytest.raises(KeyboardInterrupt):
        there.receive()
    here.close()
    there.close()
