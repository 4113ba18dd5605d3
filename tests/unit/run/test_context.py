"""behave's context keeps what clean-ups raise, and calls the rest of them."""

import pytest

from sparkproof.run.context import Context
from sparkproof.run.limits import Ended
from sparkproof.run.runner import Runner
from tests.support.ended import configuration


def test_the_first_clean_up_that_ends_the_program_is_the_error_and_the_others_are_called() -> None:
    called: list[str] = []

    def ends(said: str) -> None:
        called.append(said)
        raise SystemExit(said)

    runner = Runner(configuration())
    context = Context(runner)
    context._push(layer="scenario")
    for said in ("third", "second", "first"):  # the last one is called first
        context.add_cleanup(ends, said)
    with pytest.raises(Ended, match=r"SystemExit: first$"):
        context._pop()
    assert called == ["first", "second", "third"]
    assert str(context._cleanup_errors["scenario"]) == "it ended the program by SystemExit: first"
