"""The JUnit files of a run say what its ledger says, in characters that XML can hold."""

import hashlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from behave.model import Feature

from sparkproof.run.junit import JUnit, clean
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome
from tests.support.ended import attempt, feature, scenarios
from tests.support.runs import line

PASSED = line("an id", name="first", duration_s=1.5, started="2026-11-23T12:00:01")
FAILED = line(
    "b\x01", name="second\x01", outcome="failed", reason="2 rows\x01", duration_s=0.25, level=None, attempts=3,
    started="2026-11-23T12:00:00",
)  # fmt: skip
TEXT = """<?xml version='1.0' encoding='utf-8'?>
<testsuite tests="2" failures="1" errors="0" skipped="0" time="1.750" timestamp="2026-11-23T12:00:00" name="F">
  <properties>
    <property name="run" value="0a1b2c3d" />
  </properties>
  <testcase classname="features.iceberg.trips.F" name="first" time="1.5">
    <properties>
      <property name="id" value="an id" />
      <property name="outcome" value="passed" />
      <property name="level" value="planned" />
      <property name="attempts" value="1" />
    </properties>
  </testcase>
  <testcase classname="features.iceberg.trips.F" name="second\ufffd" time="0.25">
    <properties>
      <property name="id" value="b\ufffd" />
      <property name="outcome" value="failed" />
      <property name="level" value="none" />
      <property name="attempts" value="3" />
    </properties>
    <failure type="failed" message="2 rows\ufffd">a trace\ufffd</failure>
    <system-out>said\ufffd</system-out>
  </testcase>
</testsuite>"""


def written(folder: Path, one: Feature, *lines: Line) -> Path:
    """The file of a feature in which scenarios ended with these lines."""
    junit = JUnit(folder / "a" / "junit", "0a1b2c3d")
    for scenario, each in zip(scenarios(one), lines, strict=False):
        bad = each.outcome == "failed"
        made = attempt(0, Outcome(each.outcome), each.reason, trace="a trace\x01" * bad, output="said\x01" * bad)
        junit.add(scenario, each, made)
    junit.close()
    junit.close()
    (found,) = (folder / "a" / "junit").iterdir()
    return found


def test_a_file_has_its_scenarios_with_reasons_levels_and_output(tmp_path: Path) -> None:
    file = written(tmp_path, feature(), PASSED, FAILED)
    assert file.name == "TESTS-features.iceberg.trips.xml"
    assert file.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize(
    ("outcome", "element", "count"),
    [
        ("failed", "failure", "failures"),
        ("broken", "error", "errors"),
        ("skipped", "skipped", "skipped"),
        ("unsupported", "skipped", "skipped"),
        ("not run", "skipped", "skipped"),
    ],
)
def test_each_outcome_has_its_element_and_count(outcome: str, element: str, count: str, tmp_path: Path) -> None:
    suite = ElementTree.parse(written(tmp_path, feature(), PASSED._replace(outcome=outcome))).getroot()
    assert suite.get(count) == suite.get("tests") == "1"
    (found,) = suite.iter(element)
    assert found.get("type") == outcome
    assert sum(int(suite.get(name, "")) for name in ("failures", "errors", "skipped")) == 1


def test_the_last_attempt_at_a_scenario_counts(tmp_path: Path) -> None:
    file = written(tmp_path, feature(), PASSED._replace(outcome="failed"), PASSED)
    assert ElementTree.parse(file).getroot().get("failures") == "0"


def test_a_feature_without_a_name_is_known_by_its_file(tmp_path: Path) -> None:
    file = written(tmp_path, feature(filename="features/a b.feature"), PASSED._replace(feature=""))
    assert file.name == "TESTS-features.a.b.xml"
    assert ElementTree.parse(file).getroot().get("name") == "features.a.b"


def test_features_have_files_of_their_own(tmp_path: Path) -> None:
    junit = JUnit(tmp_path, "0a")
    for name in ("a", "b"):
        junit.add(scenarios(feature(filename=f"{name}.feature"))[0], line(name, feature=f"\x01{name}"), attempt())
    junit.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["TESTS-a.xml", "TESTS-b.xml"]
    assert ElementTree.parse(tmp_path / "TESTS-a.xml").getroot().get("name") == "\ufffda"


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_a_long_name_is_cut_and_told_from_its_likes(letter: str, tmp_path: Path) -> None:
    fits, long = letter * (245 // len(letter.encode())), letter * 246
    if letter == "a":
        assert written(tmp_path / "fits", feature(filename=f"{fits}.feature"), PASSED).name == f"TESTS-{fits}.xml"
    name = written(tmp_path / "long", feature(filename=f"{long}.feature"), PASSED).name
    digest = hashlib.sha256(long.encode()).hexdigest()[:12]
    assert name == f"TESTS-{letter * (200 // len(letter.encode()))}-{digest}.xml"


def test_the_end_of_a_long_name_is_kept_and_half_a_letter_is_not(tmp_path: Path) -> None:
    name = written(tmp_path, feature(filename=f"{'ä' * 246}b.feature"), PASSED).name
    assert name.startswith(f"TESTS-{'ä' * 99}b-")


def test_only_what_xml_cannot_hold_is_replaced() -> None:
    kept = "\t\n\r a\ud7ff\ue000\ufffd\U00010000\U0010ffff"
    assert clean(kept) == kept
    assert clean("\x00\x0b\x1f\ud800\udfff\ufffe\uffff") == "\ufffd" * 7
