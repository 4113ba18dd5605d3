"""The first line of a message, which is what people read in the ledger."""

import traceback

import pytest

from sparkproof.core.errors import first_line


def trace() -> str:
    """Return a traceback of two errors, the first of which is the cause."""
    try:
        [].pop()
    except IndexError as first:
        error = ValueError("there is none\nat all")
        error.__cause__ = first
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n  it ended\nthere", "it ended"),
        ("", ""),
        (trace(), "IndexError: pop from empty list"),
        (
            f"The Job ended with 1: {trace()}\nLast seen: nothing",
            "The Job ended with 1: IndexError: pop from empty list",
        ),
        ("It said: Traceback (most recent call last):", "It said: Traceback (most recent call last):"),
    ],
    ids=["the first that says something", "nothing", "a traceback", "a traceback in a sentence", "a traceback cut off"],
)
def test_the_first_line_says_what_happened(text: str, line: str) -> None:
    assert first_line(text) == line
