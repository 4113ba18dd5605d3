"""Scenarios are checked before a run: phrases, keywords, parameters, tables, texts, and the order of nouns."""

import subprocess
import sys
from pathlib import Path

import pytest
from behave.parser import parse_feature

from sparkproof.platform.classes import PlatformClaim
from sparkproof.suite import checks, phrases
from sparkproof.suite.checks import Checked
from tests.support.projects import ledger

ROOT = Path(__file__).resolve().parents[3]
TABLE = """
      | trip | zone | fare |
      | 1    | Soho | 1.5  |"""


@pytest.fixture(autouse=True, scope="module")
def _steps() -> None:
    phrases.load()


def checked(*steps: str) -> Checked:
    text = "Feature: f\n  Scenario: s\n" + "\n".join(f"    {step}" for step in steps)
    return checks.check(parse_feature(text, filename="x.feature").scenarios[0], "4.1.1")


@pytest.mark.parametrize(
    ("steps", "faults"),
    [
        (
            ["Given a lakehouse platform", f"And a table of taxi trip{TABLE}"],
            [
                "x.feature:4: No phrase says 'And a table of taxi trip'; the nearest are "
                "'Given a table of taxi trips', 'Given the team keeps a table of taxi trips', "
            ],
        ),
        (["When xyzzy plugh"], ["x.feature:3: No phrase says 'When xyzzy plugh'; none is near. docs/phrases.md"]),
        (["Given the table holds"], ["x.feature:3: 'Given the table holds' is no Given: this phrase is a Then."]),
        (
            ["When a lakehouse platform"],
            ["x.feature:3: 'When a lakehouse platform' is no When: this phrase is a Given."],
        ),
        (
            ["Given a lakehouse platform on Spark 4.2.0"],
            ["x.feature:3: Spark 4.2.0 is not in docker/versions.toml; did you mean 4.1.0?"],
        ),
        (["Given a lakehous platform"], ["x.feature:3: There is no class of platforms 'lakehous'; did you mean"]),
        (
            ["Given a lakehouse platform", f'And a table of taxi trips in the "hiv" catalog{TABLE}'],
            ["x.feature:4: 'hiv' is not a kind of catalog; did you mean hive?"],
        ),
        (
            [f"Given a table of taxi trips{TABLE}", "And a lakehouse platform"],
            ["x.feature:3: 'a table of taxi trips' needs 'a lakehouse platform' before it, which stands in line 6."],
        ),
        (
            ['Given one of the "NVIDIA GPU" nodes is cordoned'],
            [
                "x.feature:3: 'one of the \"NVIDIA GPU\" nodes is cordoned' needs an earlier step, such as "
                "'Given these simulated nodes'."
            ],
        ),
        (
            ["Given a lakehouse platform", "And a table of taxi trips"],
            ["x.feature:4: 'a table of taxi trips' needs a table with the columns trip, zone, fare below it."],
        ),
        (
            ["Given a lakehouse platform", "And a table of taxi trips\n      | trip | zoen |\n      | 1    | Soho |"],
            ["x.feature:4: 'a table of taxi trips' needs a table with the columns trip, zone, fare, in this"],
        ),
        (
            ["Given a lakehouse platform", "And a table of taxi trips" + TABLE.replace("1.5", "x  ")],
            ["x.feature:4: 'a table of taxi trips' has a wrong value in its table: 'x' is no value of the c"],
        ),
        (
            ["Given these simulated nodes\n      | nodes | type       |\n      | 1     | NVIDIA CPU |"],
            ["x.feature:3: 'these simulated nodes' has a wrong value in its table: There is no 'NVIDIA CPU'"],
        ),
        (
            ["Given these simulated nodes\n      | nodes | type       |\n      | many  | NVIDIA GPU |"],
            [
                "x.feature:3: 'these simulated nodes' has a wrong value in its table: 'many' is no value of the "
                "column 'nodes'."
            ],
        ),
        ([f"Given a lakehouse platform{TABLE}"], ["x.feature:3: 'a lakehouse platform' takes no table."]),
        (
            ["Given a lakehouse platform", "When a data engineer runs"],
            ["x.feature:4: 'a data engineer runs' needs a text"],
        ),
        (
            ['Given a lakehouse platform\n      """\n      x\n      """'],
            ["x.feature:3: 'a lakehouse platform' takes no text."],
        ),
    ],
)
def test_a_fault_is_one_sentence_with_its_place(steps: list[str], faults: list[str]) -> None:
    found = checked(*steps).faults
    assert len(found) == len(faults), found
    for sentence, start in zip(found, faults, strict=True):
        assert sentence.startswith(start), sentence


def test_after_an_unknown_phrase_nobody_says_what_is_missing() -> None:
    found = checked("Given a lakehous platfrom", "When a data engineer reads the table").faults
    assert len(found) == 1


def test_a_sound_scenario_has_no_faults_and_claims_its_platform() -> None:
    found = checked(
        "Given a lakehouse platform on Spark 4.1.0", f"And a table of taxi trips{TABLE}", "Then the table is unchanged"
    )
    assert found == Checked(claims=frozenset({PlatformClaim("lakehouse", "4.1.0")}))
    by_phrase = checked("Given a GPU node and an Iceberg catalog").claims
    assert by_phrase == {PlatformClaim("GPU-lakehouse", "4.1.1")}


def test_a_step_declares_its_table_if_and_only_if_it_reads_one() -> None:
    for phrase in phrases.every():
        reads = (
            "context.table"
            in Path(phrase.function.__code__.co_filename)
            .read_text()
            .split(f"def {phrase.function.__name__}(")[1]
            .split("\n@")[0]
        )
        assert reads == (phrase.table is not None), phrase


def test_every_noun_that_a_phrase_needs_is_given_by_another() -> None:
    needed = {noun: phrase for phrase in phrases.every() for noun in phrase.uses.reads}
    for noun, phrase in needed.items():
        assert phrases.givers(noun), f"nothing gives the {noun} that {phrase} needs"


FEATURE = """
@charts
Feature: Two scenarios
  Scenario: Sound
    Given the platform's charts
    When a platform engineer asks for two listeners on one port
    Then each is refused because "port"

  Scenario: Misspelt
    Given the platforms charts

  Scenario: Out of order
    When a chart maintainer exercises the charts
"""
UNORDERED = "x.feature:13: 'a chart maintainer exercises the charts' needs an earlier step, such as 'Given the plat"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "features").mkdir()
    (tmp_path / "features/x.feature").write_text(FEATURE)
    (tmp_path / "steps").symlink_to(ROOT / "steps")
    (tmp_path / "environment.py").symlink_to(ROOT / "environment.py")
    return tmp_path


def behave(folder: Path, *arguments: str) -> str:
    """Run the folder's feature with this suite's steps, see it fail, and return its output."""
    command = [sys.executable, "-m", "behave", "--format=null", "-D", f"reports={folder}/reports", *arguments]
    run = subprocess.run(
        [*command, f"{folder}/features/x.feature"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    output = run.stdout + run.stderr
    assert run.returncode == 1, output
    assert "Traceback" not in output
    return output


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_scenario_with_a_fault_is_broken_and_the_others_run(jobs: str, folder: Path) -> None:
    output = behave(folder, "-j", jobs)
    assert "x.feature:10: No phrase says 'Given the platforms charts'; the nearest are 'Given the pl" in output
    lines = {line["name"]: (line["outcome"], line["reason"]) for line in ledger(folder)}
    assert lines["Sound"] == ("passed", "")
    assert {lines[name][0] for name in ("Misspelt", "Out of order")} == {"broken"}
    assert "x.feature:10: No phrase says 'Given the platforms charts'" in lines["Misspelt"][1]
    assert UNORDERED in lines["Out of order"][1]


def test_a_dry_run_finds_what_behave_alone_does_not(folder: Path) -> None:
    assert UNORDERED in behave(folder, "--dry-run", "--name=Out of order")


def test_the_catalogs_that_a_scenario_names_are_known_before_it_runs() -> None:
    steps = ("Given a lakehouse platform", 'Given an empty table of taxi trips in the "rest" catalog')
    assert checked(*steps).catalogs == {"rest"}
    assert checked(steps[0]).catalogs == set()


@pytest.mark.parametrize(
    ("step", "beyond"),
    [
        ("Given a lakehouse platform", ""),
        ("Given a data team with a platform of its own", "a namespace of its own"),
        ("When the security team audits the platform's namespace", "a namespace in which nobody else has anything"),
        ("Then the tracking server keeps at most 1 MiB in memory", "the kubelet of the server's node"),
    ],
)
def test_what_a_scenario_needs_beside_the_namespace_of_its_platform_is_known(step: str, beyond: str) -> None:
    assert checked("Given a lakehouse platform", step).beyond == beyond


def test_every_step_that_asks_the_suite_for_a_team_needs_a_namespace() -> None:
    teams = [each for each in phrases.every() if "team" in each.uses.gives]
    assert len(teams) > 5
    assert {each.beyond for each in teams} == {"a namespace of its own"}


def test_the_nearest_phrases_are_three_also_of_words_in_another_order() -> None:
    near = [each.words for each in phrases.like("given", "simulated nodes of this type")]
    assert near[0] == "these simulated nodes"
    assert len(near) == 3
    assert len(phrases.like("when", "3 pods that ask for a GPU are created")) == 3


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ("Given a lakehouse platform", ()),
        (
            "Given a data team with a platform of its own",
            ("x.feature:3: @sole-user keeps others from its platform, and it shares none.",),
        ),
    ],
)
def test_only_who_shares_a_platform_can_keep_others_from_it(given: str, faults: tuple[str, ...]) -> None:
    text = f"Feature: f\n  @sole-user\n  Scenario: s\n    {given}"
    assert checks.check(parse_feature(text, filename="x.feature").scenarios[0], "4.1.1").faults == faults
