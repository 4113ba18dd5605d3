"""Each scenario has one id in every run, and hooks may change which scenarios there are."""

from behave.model import Feature

from sparkproof.run import selection
from sparkproof.run.selection import Selected, identities, outlines, part, restore, rule_of, untouched
from tests.support.ended import TEXT, configuration, feature, scenarios

FILE = "features/iceberg/trips.feature"
IDS = [f"{FILE}::first", f"{FILE}::second", f"{FILE}::R::third"]
TWICE = """Feature: F
  Scenario: one
    Then it answers
  Scenario: one
    Then it answers
  Scenario: one#2
    Then it answers
  Scenario:
    Then it answers
"""
ROWS = """Feature: F
  Rule: R
    Scenario Outline: <name>
      Then it answers <name>
      Examples:
        | name |
        | a    |
        | b    |
  Scenario: last
    Then it answers
"""


def chosen(*features: Feature, arguments: tuple[str, ...] = ()) -> Selected:
    found = Selected()
    found.choose(list(features), configuration(*arguments))
    return found


def test_an_id_has_the_file_the_rule_and_the_name() -> None:
    one = feature()
    assert chosen(one).ids == IDS
    assert chosen(one).scenarios == scenarios(one)
    assert [rule.name if rule else None for rule in map(rule_of, scenarios(one))] == [None, None, "R"]


def test_equal_names_are_numbered_and_taken_numbers_left_out() -> None:
    assert identities(scenarios(feature(TWICE, "f"))) == ["f::one", "f::one#3", "f::one#2", "f::Scenario"]
    assert identities(scenarios(feature(TWICE, "a\udcff")))[0] == r"a\udcff::one"


def test_a_file_that_is_read_twice_has_the_same_ids_and_what_is_selected_runs_under_its_own() -> None:
    first, second = feature(TWICE, "f"), feature(TWICE, "f")
    once = ["f::one", "f::one#3", "f::one#2", "f::Scenario"]
    again = identities([*scenarios(first), *scenarios(second)])
    assert again[:4] == once
    assert again[4:] == ["f::one", "f::one#3", "f::one#2", "f::Scenario"]
    both = chosen(first, second).ids
    assert both[:4] == once
    assert both[4:] == ["f::one#4", "f::one#3#2", "f::one#2#2", "f::Scenario#2"]
    assert len(set(both)) == 8


def test_what_is_not_selected_is_known_by_its_id() -> None:
    one = feature()
    one.scenarios[1].tags.append("slow")
    found = chosen(one, arguments=("--tags=slow",))
    assert (found.ids, list(found.others), len(found)) == ([IDS[1]], [IDS[0], IDS[2]], 1)
    assert found.others[IDS[0]] is one.scenarios[0]
    assert chosen(one, arguments=("--tags=none",)).ids == []
    assert list(chosen(one, arguments=("--tags=none",)).others) == IDS


def test_a_scenario_that_is_selected_in_one_of_two_readings_is_selected() -> None:
    first, second = feature(), feature()
    scenarios(second)[0].tags.append("slow")
    found = chosen(first, second, arguments=("--tags=slow",))
    assert found.ids == IDS[:1]
    assert list(found.others) == IDS[1:]


def test_choosing_again_forgets_the_first_choice() -> None:
    one = feature()
    found = chosen(one)
    found.withdrawn.add(0)
    found.choose([one], configuration("--tags=none"))
    assert (found.ids, found.scenarios, found.withdrawn, len(found)) == ([], [], set(), 0)
    found.choose([one], configuration())
    assert (found.ids, len(found)) == (IDS, 3)
    assert found.others == {}


def test_a_scenario_that_was_made_anew_takes_the_place_of_the_first() -> None:
    first, again = feature(), feature()
    found = chosen(first)
    old, new = scenarios(first)[1], scenarios(again)[1]
    assert (found.find(old), found.find(new)) == (1, 1)
    assert found.begin(new) == 1
    assert found.scenarios[1] is new
    assert found.find(new) == 1
    assert found.begin(new) == 1
    assert found.find(old) is None
    assert found.begin(scenarios(first)[0]) == 0
    third = scenarios(feature())[1]
    assert found.find(third) is None, "the one of this place and name has begun"
    assert found.begin(third) == 3
    assert found.ids[3] == f"{IDS[1]}#2"
    assert found.begin(scenarios(feature("\n" + TEXT))[2]) == 4, "one that nobody knew"


def test_one_of_another_line_or_name_is_another_one() -> None:
    found = chosen(feature())
    for text in ("\n" + TEXT, TEXT.replace("second", "2nd")):
        assert found.find(scenarios(feature(text))[1]) is None
    assert found.find(scenarios(feature(filename="other.feature"))[1]) is None


def test_what_a_hook_adds_gets_an_id_of_its_own_and_what_was_left_out_its_old_one() -> None:
    one = feature()
    one.scenarios[1].tags.append("slow")
    found = chosen(one, arguments=("--tags=slow",))
    assert found.admit(one.scenarios[0]) == 1
    assert found.ids == [IDS[1], IDS[0]]
    assert list(found.others) == [IDS[2]]
    added = scenarios(feature(TEXT.replace("second", "new")))[1]
    assert found.admit(added) == 2
    assert found.ids[2] == f"{FILE}::new"
    assert found.find(added) == 2
    assert found.admit(scenarios(feature("\n" + TEXT))[0]) == 3
    assert found.ids[3] == f"{IDS[0]}#2", "another line"


def test_what_has_not_ended_and_is_gone_is_withdrawn() -> None:
    one = feature()
    found = chosen(one)
    one.run_items.remove(one.scenarios[1])
    one.scenarios.remove(one.scenarios[1])
    assert found.withdraw([one], lambda index: index == 1) == []
    assert found.withdraw([one], lambda _: False) == [IDS[1]]
    assert (found.withdrawn, len(found)) == ({1}, 2)
    assert found.withdraw([], lambda index: index == 0) == IDS[1:]


def test_a_feature_that_stands_twice_is_two() -> None:
    one, other = feature(), feature()
    features = [one, other, one]
    part(features)
    assert features[:2] == [one, other]
    assert features[2] is not one
    assert [each.name for each in scenarios(features[2])] == [each.name for each in scenarios(one)]
    assert features[2].tags == ["gpu", "iceberg"]
    assert features[2].tags[0].line == one.tags[0].line
    assert not {id(each) for each in scenarios(features[2])} & {id(each) for each in scenarios(one)}


def test_rows_that_are_no_scenarios_yet_are_left_to_behave() -> None:
    one = feature(ROWS)
    (outline,) = outlines([one])
    assert untouched([one]) == [outline]
    assert [each.name[0] for each in outline.scenarios] == ["a", "b"]
    assert untouched([one]) == []
    restore([outline])
    assert untouched([one]) == [outline], "it has made them, and makes them again"
    assert [each.name[0] for each in outline.scenarios] == ["a", "b"]
    outline.scenarios[1].skip("no")
    restore([outline])
    assert untouched([one]) == [], "somebody has skipped one of them"


def test_an_outline_without_a_table_is_restored() -> None:
    one = feature(ROWS)
    (outline,) = outlines([one])
    outline.examples[0].table = None
    restore([outline])
    assert selection.untouched([one]) == []
