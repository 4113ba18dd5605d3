"""The summary says every reason, group and cause, and the verdict last."""

from pathlib import Path

from sparkproof.run import summary
from sparkproof.run.verdict import Judged, Verdict
from tests.support.runs import line

NOT_RUN = "no cluster"
LINES = [
    line("z", name="Z", outcome="failed", reason="2 rows came", location="f:9", group="iceberg"),
    line("a", name="A", outcome="skipped", reason="no GPU", level=None),
    line("c", name="C", outcome="skipped", reason="no GPU", level=None),
    line("b", name="B", outcome="skipped", reason="no disk", level=None),
    line("d", name="D", attempts=2),
    line("e", name="E", outcome="unsupported", reason="no shim"),
    line("f", name="F", outcome="not run", reason=NOT_RUN),
    line("g", name="G", outcome="broken", reason="no room | here\nor there"),
]
JUDGED = Judged(Verdict.FAILURE, 1, [NOT_RUN, "a | b"])
TEXT = """skipped: A (f:1)
    no GPU
skipped: B (f:1)
    no disk
skipped: C (f:1)
    no GPU
unsupported: E (f:1)
    no shim
not run: F (f:1)
broken: G (f:1)
    no room | here
or there
failed: Z (f:9)
    2 rows came

group         passed       failed       broken      skipped  unsupported      not run        flaky
gpu                1            -            1            3            1            1            1
iceberg            -            1            -            -            -            -            -

cause: no cluster
cause: a | b
verdict: failure (1 passed, 1 failed, 1 broken, 3 skipped, 1 unsupported, 1 not run in 2.3 s)"""
MARKDOWN = r"""# verdict: failure (1 passed, 1 failed, 1 broken, 3 skipped, 1 unsupported, 1 not run in 2.3 s)

- **cause**: no cluster
- **cause**: a \| b

| group | passed | failed | broken | skipped | unsupported | not run | flaky |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| gpu | 1 | 0 | 1 | 3 | 1 | 1 | 1 |
| iceberg | 0 | 1 | 0 | 0 | 0 | 0 | 0 |

| outcome | scenario | reason |
| --- | --- | --- |
| skipped | F: A | no GPU |
| skipped | F: B | no disk |
| skipped | F: C | no GPU |
| unsupported | F: E | no shim |
| not run | F: F | no cluster |
| broken | F: G | no room \| here or there |
| failed | F: Z | 2 rows came |
"""


def test_the_text_for_a_terminal() -> None:
    assert summary.text(LINES, JUDGED, 2.34) == TEXT


def test_a_reason_is_said_once_for_scenarios_in_a_row() -> None:
    lines = [line(name, name=name, outcome="skipped", reason="no GPU") for name in "ab"]
    said = summary.text(lines, Judged(Verdict.UNPROVEN, 3, []), 1.0)
    assert said.startswith("skipped: a (f:1)\nskipped: b (f:1)\n    no GPU\n\ngroup")
    other = [lines[0], lines[1]._replace(outcome="unsupported")]
    assert summary.text(other, Judged(Verdict.UNPROVEN, 3, []), 1.0).count("no GPU") == 2


def test_a_run_without_a_scenario_says_so() -> None:
    failure = Judged(Verdict.FAILURE, 1, ["Nothing was selected."])
    assert summary.text([], failure, 0.0) == "cause: Nothing was selected.\nverdict: failure (no scenario in 0.0 s)"
    assert summary.text([], Judged(Verdict.SUCCESS, 0, []), 1.25) == "verdict: success (no scenario in 1.2 s)"


def test_a_short_group_is_as_wide_as_its_heading() -> None:
    table = summary.text([line("a", group="b")], Judged(Verdict.SUCCESS, 0, []), 1.0).splitlines()
    assert table[0].startswith("group       passed")
    assert table[1].startswith("b                1            -")
    wide = summary.text([line("a", group="observability")], Judged(Verdict.SUCCESS, 0, []), 1.0).splitlines()
    assert wide[0].startswith("group               passed")


def test_the_page_for_a_ci_system(tmp_path: Path) -> None:
    summary.write_markdown(tmp_path / "summary.md", LINES, JUDGED, 2.34)
    assert (tmp_path / "summary.md").read_text() == MARKDOWN
    summary.write_markdown(tmp_path / "summary.md", [line("a", group="\udcff")], Judged(Verdict.SUCCESS, 0, []), 1.0)
    page = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert page.endswith("| ---: |\n| \\udcff | 1 | 0 | 0 | 0 | 0 | 0 | 0 |\n"), "nothing but what passed"
