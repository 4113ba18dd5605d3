"""Recipes: blocks run where the page says, in their order, and one that fails is no success of those before it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level, Record
from sparkproof.spark import recipe
from sparkproof.spark.recipe import Followed
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

PAGE = """# Count
```
helm install spark
```
```sh client
cat > a.py <<'END'
print(1)
END
```
Text.
```sh mlflow
mlflow gc
```
"""


@pytest.fixture(autouse=True)
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "count.md").write_text(PAGE)
    (tmp_path / "read.md").write_text("# To read\n```\nkubectl drain NODE\n```\n")
    monkeypatch.setattr(recipe, "FOLDER", tmp_path)


def follow(*ends: int) -> tuple[Followed, list[tuple[str, Sequence[str]]]]:
    """Follow the page whose blocks end so; with what was started, and where."""
    started: list[tuple[str, Sequence[str]]] = []

    def start(name: str, argv: Sequence[str]) -> RecordedStreams:
        started.append((name, argv))
        return RecordedStreams(f"said {len(started)}", exit_code=ends[len(started) - 1])

    kube = RecordedKube(pod("client-0", "client"), pod("mlflow-0", "mlflow"), programs=start)
    return Followed.on(RecordedPlatform(kube), "count"), started


def test_the_commands_of_a_page_run_where_it_says_and_no_others() -> None:
    followed, started = follow(0, 0)
    assert recipe.names() == ["count"]
    assert [name for name, _ in started] == ["client-0", "mlflow-0"]
    assert started[0][1] == ["bash", "-euc", "cat > a.py <<'END'\nprint(1)\nEND\n"]
    assert (followed.exit_code, followed.said, followed.trouble) == (0, ["said 1", "said 2"], None)


def test_what_was_said_is_proved(record: Record) -> None:
    followed, _ = follow(0, 0)
    followed.must_have_said(["said 1", "said 2"])
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "The 2 blocks of the recipe count did what the page says"


def test_a_block_that_fails_ends_the_recipe_and_is_seen(record: Record) -> None:
    followed, started = follow(3, 0)
    assert len(started) == 1
    assert followed.trouble == "A command of the recipe count ended with 3"
    with pytest.raises(CheckFailed, match=r"ended with 3, and did not say something else: said 1\Z"):
        followed.must_have_said(["said 1"])
    assert not record.proofs


def test_a_page_that_says_something_else_or_has_no_commands_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="did not say FINISHED: said 2\nsaid 1"):
        follow(0, 0)[0].must_have_said(["said 1", "FINISHED"])
    with pytest.raises(CheckFailed, match="has 0 blocks of commands"):
        Followed("count", 0, 0, "").must_have_said([])
    assert not record.proofs


def test_an_operators_commands_run_here_with_the_variables_that_the_page_uses(tmp_path: Path) -> None:
    (tmp_path / "typed.md").write_text("```sh operator\necho in $NAMESPACE\n```\n```sh operator\nexit 3\n```\n")
    followed = Followed.by_operator("typed", {"NAMESPACE": "data-team"})
    assert (list(followed.said), followed.exit_code, len(followed.seconds)) == (["in data-team\n", ""], 3, 2)
    with pytest.raises(UsageError, match="has commands for client, and operators type all of theirs"):
        Followed.by_operator("count", {})


def test_an_answer_within_its_time_is_proved_and_a_late_one_or_none_is_seen(record: Record) -> None:
    followed = Followed("count", 2, 0, ("pulled", "the sum is 3"), (20.0, 60.0))
    followed.must_have_answered("the sum is 3", 60.0)
    assert record.proofs[0].seen == "The recipe count said 'the sum is 3' after 60 s"
    assert record.measured == [("the recipe count up to 'the sum is 3'", 60.0, "s", "at most 60 s")]
    with pytest.raises(CheckFailed, match="after 60 s, not 59 s"):
        followed.must_have_answered("the sum is 3", 59.0)
    with pytest.raises(CheckFailed, match="No command of the recipe count said 'the sum is 4'"):
        followed.must_have_answered("the sum is 4", 60.0)
