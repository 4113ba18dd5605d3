"""What formatters are called and streams are told on a worker is repeated in the parent."""

import io
import pickle
import sys
from typing import Any

import pytest
from behave.formatter.json import JSONFormatter
from behave.formatter.plain import PlainFormatter
from behave.matchers import NoMatch

from sparkproof.run.recorder import NoInput, Recorder, StandIn, replay, stream, write
from tests.support.ended import feature, scenarios


class Formatter:
    """A formatter that keeps what it is called."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: self.calls.append((name, *args, *kwargs.items()))


def begun(states: Any = "the states") -> Recorder:
    kept = Recorder(lambda _scenario: states)
    kept.events.append(("stdout", "earlier"))
    kept.begin()
    return kept


def test_an_attempt_is_recorded_with_the_states_of_its_steps_first() -> None:
    scenario = scenarios(feature())[0]
    kept = begun()
    kept.events.append(("stdout", "a hook"))
    kept.scenario(scenario)
    for _ in range(3):
        kept.step(None)
    for _ in range(3):
        kept.match(None)
        kept.result(None)
    assert kept.end(scenario) == [
        ("stdout", "a hook"),
        ("scenario", None),
        ("step", 0),
        ("step", 1),
        ("step", 2),
        ("match", 0),
        ("result", 0),
        ("match", 1),
        ("result", 1),
        ("match", 2),
        ("result", 2),
    ]


def test_each_run_of_a_scenario_in_one_attempt_has_its_states() -> None:
    scenario = scenarios(feature())[0]
    states = iter(["first", "second", "third"])
    kept = Recorder(lambda one: (next(states), one.name))
    kept.begin()
    for _ in range(2):
        kept.scenario(scenario)
        kept.step(None)
        kept.result(None)
    assert kept.end(scenario) == [
        ("steps", ("first", "first")),
        ("scenario", None),
        ("step", 0),
        ("result", 0),
        ("steps", ("second", "first")),
        ("scenario", None),
        ("step", 0),
        ("result", 0),
    ]
    kept.begin()
    kept.scenario(scenario)
    assert kept.end(scenario) == [("scenario", None)]


def test_what_was_printed_is_told_apart_by_its_stream() -> None:
    kept = begun()
    kept.events += [("stdout", "a"), ("stderr", "b"), ("step", 0), ("stdout", "c")]
    assert kept.printed() == ("ac", "b")


def test_events_are_repeated_for_every_formatter(capsys: pytest.CaptureFixture[str]) -> None:
    scenario = scenarios(feature())[0]
    steps = list(scenario.all_steps)
    formatters: Any = [Formatter(), Formatter()]
    put: list[Any] = []
    called = pickle.dumps((("a",), {"b": 1}))
    events = [
        ("stdout", "out"),
        ("steps", "states"),
        ("scenario", None),
        ("step", 1),
        ("match", 0),
        ("match", 1),
        ("result", 0),
        ("call", (1, "embedding", called)),
        ("stderr", "err"),
    ]
    replay(
        scenario,
        events,
        formatters,
        lambda step: "found" if step is steps[0] else None,
        lambda one, states: put.append((one, states)),
        lambda *broken: pytest.fail(str(broken)),
    )
    first, second = (each.calls for each in formatters)
    assert first[:3] == [("scenario", scenario), ("step", steps[1]), ("match", "found")]
    assert first[3][0] == "match"
    assert isinstance(first[3][1], NoMatch)
    assert first[4:] == [("result", steps[0])]
    assert second[-1] == ("embedding", "a", ("b", 1))
    assert put == [(scenario, "states")]
    assert capsys.readouterr() == ("out", "err")


def test_a_call_that_breaks_is_told_and_the_rest_is_repeated() -> None:
    scenario = scenarios(feature())[0]
    broken: list[Any] = []
    formatters: Any = [object()]
    events = [("call", (0, "none", pickle.dumps(((), {})))), ("call", (0, "none", b"no pickle")), ("steps", "states")]
    put: list[Any] = []
    replay(
        scenario, events, formatters, lambda _: None, lambda *what: put.append(what), lambda *what: broken.append(what)
    )
    assert [(one is formatters[0], type(error)) for one, error in broken] == [
        (True, AttributeError),
        (True, pickle.UnpicklingError),
    ]
    assert put == [(scenario, "states")]


class Own(str):
    """A text of the project's own class, which the parent may not have."""

    __slots__ = ()


class OwnBytes(bytes):
    """Bytes of such a class."""

    __slots__ = ()


def stood_for(kind: Any) -> tuple[Any, Recorder]:
    formatter = kind.__new__(kind)
    formatter.limit = 7
    kept = begun()
    return StandIn(formatter, 3, kept), kept


def test_what_a_project_calls_of_a_formatter_is_recorded_and_what_behave_calls_is_not() -> None:
    stand_in, kept = stood_for(PlainFormatter)
    assert isinstance(stand_in, PlainFormatter)
    assert stand_in.limit == 7
    assert (stand_in.step("x"), stand_in.close()) == (None, None)
    assert kept.events == []
    stand_in.write_tags(Own("a"), OwnBytes(b"b"), many=Own("c"))
    ((event, (number, name, given)),) = kept.events
    assert (event, number, name) == ("call", 3, "write_tags")
    (one, other), kwargs = pickle.loads(given)
    assert (one, type(one), kwargs, type(kwargs["many"])) == ("a", str, {"many": "c"}, str)
    assert (other, type(other)) == (b"b", bytes)


def test_what_cannot_be_sent_is_refused_where_it_is_called() -> None:
    stand_in, kept = stood_for(PlainFormatter)
    with pytest.raises(TypeError, match=r"^write_tags\(\) cannot send this from a worker to its formatter: "):
        stand_in.write_tags(lambda: None)
    assert kept.events == []
    with pytest.raises(AttributeError):
        _ = stand_in.none
    json_formatter, kept = stood_for(JSONFormatter)
    with pytest.raises(TypeError, match="bytes"):
        json_formatter.embedding("text/plain", "no bytes")
    json_formatter.embedding("text/plain", b"bytes")
    json_formatter.write_json_header()
    assert [each for each, _ in kept.events] == ["call", "call"]


def test_a_stream_of_a_worker_is_recorded_byte_by_byte() -> None:
    kept = begun()
    shown = stream(kept, "stderr", 7)
    shown.write("a")
    shown.buffer.write(b"\xffb")
    assert shown.fileno() == 7
    assert shown.writable()
    print("\udcfe", end="", file=shown)
    assert kept.printed() == ("", "a\\xffb\\xfe")
    assert shown.buffer.write(b"four") == 4


def test_a_worker_has_no_input() -> None:
    nothing = NoInput()
    assert nothing.readable()
    reads: list[Any] = [nothing.read, nothing.readline, lambda: next(nothing)]
    for read in reads:
        with pytest.raises(EOFError, match=r"^a worker has no standard input: run with -j 1$"):
            read()


def test_a_text_that_a_stream_cannot_hold_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(kept, encoding="ascii", write_through=True))
    write("stdout", "a\u2028b")
    assert kept.getvalue() == b"a\\u2028b"
