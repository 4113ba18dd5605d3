Feature: Hooks
  @assert_before_scenario
  Scenario: before_scenario refuses
    Given nothing

  @error_before_scenario
  Scenario: before_scenario breaks
    Given nothing

  @error_after_scenario
  Scenario: after_scenario breaks
    Given nothing

  @error_after_scenario
  Scenario: a failed check and after_scenario breaks
    Then a check that does not hold

  @error_cleanup
  Scenario: clean-up breaks
    Given nothing

  @error_cleanup @error_after_scenario
  Scenario: clean-up and after_scenario break
    Given nothing

  @error_before_tag
  Scenario: before_tag breaks
    Given nothing

  @error_after_tag
  Scenario: after_tag breaks
    Given nothing

  Scenario: before_step breaks
    Given a step whose before_step breaks
    Then nothing

  Scenario: after_step breaks
    Given a step whose after_step breaks
    Then nothing

  Scenario: fine
    Given nothing
