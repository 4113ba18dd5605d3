"""A row that says "every" stands for each Spark version, however its scenarios are selected and run."""

from pathlib import Path

import pytest
from behave.model import Feature
from behave.model_type import FileLocation
from behave.parser import parse_feature
from behave.runner_util import parse_features

from sparkproof.build import versions
from sparkproof.core.errors import UsageError
from sparkproof.suite import every_version
from tests.support.projects import behave, ledger, project

TEXT = """Feature: F
  Scenario Outline: <mode> on Spark <version>
    Given it passes on <version>

    @slow
    Examples: Spark <version>
      | version | mode |
      | every   | one  |
      | every   | two  |

    @spark.4.1.1
    Examples: named
      | version | mode  |
      | 4.1.1   | three |

  Scenario Outline: Without a version
    Given it passes on <what>

    Examples: things
      | what  |
      | every |
"""
FIRST, SECOND = 8, 9
NAMES = versions.names()


def expanded(text: str = TEXT) -> Feature:
    feature = parse_feature(text, filename="f.feature")
    every_version.expand([feature])
    return feature


def test_each_version_gets_a_block_with_its_name_and_its_tag() -> None:
    found = [(scenario.name, sorted(scenario.effective_tags)) for scenario in expanded().walk_scenarios()]
    blocks = [
        (f"{mode} on Spark {version} -- @{block}.{row} Spark {version}", sorted(["slow", f"spark.{version}"]))
        for block, version in enumerate(NAMES, 1)
        for row, mode in enumerate(["one", "two"], 1)
    ]
    named = (f"three on Spark 4.1.1 -- @{len(NAMES) + 1}.1 named", ["spark.4.1.1"])
    assert found == [*blocks, named, ("Without a version -- @1.1 things", [])]


def test_steps_name_the_version() -> None:
    steps = [scenario.steps[0].name for scenario in expanded().walk_scenarios()]
    assert steps[:3:2] == [f"it passes on {version}" for version in NAMES[:2]]
    assert steps[-1] == "it passes on every"


def test_a_line_selects_every_version_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "f.feature"
    path.write_text(TEXT)
    features = parse_features([FileLocation(str(path), SECOND)])
    every_version.expand(features)
    chosen = [each.name for feature in features for each in feature.walk_scenarios() if not each.should_skip]
    assert [name.split(" -- ")[0] for name in chosen] == [f"two on Spark {version}" for version in NAMES]


def test_every_in_some_rows_only_is_refused() -> None:
    with pytest.raises(UsageError, match=r"f\.feature:6: the version is 'every' in some rows only"):
        expanded(TEXT.replace("| every   | two  |", "| 4.1.0   | two  |"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_has_a_line_for_each_version(jobs: str, tmp_path: Path) -> None:
    environment = (
        "from sparkproof.run import Plan\nfrom sparkproof.suite import every_version\n"
        "plan = Plan(check=lambda features, config: every_version.expand(features), allure=True, junit=True)\n"
    )
    steps = "@step('it passes on {version}')\ndef passes(context, version): pass"
    project(tmp_path, steps=steps, environment=environment, f=TEXT)
    ran = behave("-j", jobs, "--tags=@slow", "--tags=@spark.4.1.0", cwd=tmp_path)
    assert sorted(line["name"].split(" -- ")[0] for line in ledger(tmp_path)) == [
        "one on Spark 4.1.0",
        "two on Spark 4.1.0",
    ], ran.stdout
    behave("-j", jobs, f"features/f.feature:{FIRST}", cwd=tmp_path)
    lines = ledger(tmp_path)
    assert sorted(line["name"].split(" -- ")[0] for line in lines) == [f"one on Spark {version}" for version in NAMES]
    assert len({line["id"] for line in lines}) == len(NAMES)
    assert {line["outcome"] for line in lines} == {"passed"}


def test_no_feature_names_every_version_itself() -> None:
    root = Path(__file__).resolve().parents[3]
    for path in (root / "features").rglob("*.feature"):
        text = path.read_text()
        assert not all(f"| {version} " in text for version in NAMES), (
            f"{path.name}: say {every_version.EVERY!r} instead"
        )
