"""Progress is said beside what a command prints, to all who listen, also of what fails."""

import pytest

from sparkproof.core import listeners, progress
from sparkproof.core.evidence import Record
from sparkproof.core.spans import On


def test_a_line_goes_to_standard_error_as_it_is_and_to_who_listens(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(listeners, "_listeners", [heard.append])
    progress.say("[red]pulls spark:4.1.1[/red]")
    assert capsys.readouterr() == ("", "[red]pulls spark:4.1.1[/red]\n")
    assert heard == ["[red]pulls spark:4.1.1[/red]"]


def test_long_work_is_said_before_and_after_and_counts_as_an_installation(
    capsys: pytest.CaptureFixture[str], record: Record
) -> None:
    with pytest.raises(KeyboardInterrupt), progress.doing("building helm"):
        raise KeyboardInterrupt
    with progress.doing("building etcd"):
        pass
    said = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert said == ["building helm ...", "building helm", "building etcd ...", "building etcd"]
    assert [(span.on, span.what) for span in record.spans] == [
        (On.INSTALLING, "building helm"),
        (On.INSTALLING, "building etcd"),
    ]
