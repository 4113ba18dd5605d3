@topic
Feature: Plain
  Every outcome a scenario can have.

  Background: a fact
    Given nothing

  @critical
  Scenario: passes
    Given a fact is kept
    When 2 lines are printed
    Then nothing

  Scenario: fails
    Given a fact is kept
    Then a check that does not hold
    And nothing

  Scenario: fails without a message
    Then a bare assert

  Scenario: set-up does not hold
    Given a set-up that does not hold
    Then nothing

  Scenario: breaks
    When an error
    Then nothing

  Scenario: is undefined
    When nobody wrote this step
    Then nothing

  Scenario: is pending
    When a step that is not written yet
    Then nothing

  @wip
  Scenario: is pending and wip
    When a step that is not written yet
    Then nothing

  Scenario: skips itself
    When the step skips its scenario
    Then a check that does not hold

  @skip_in_before_scenario
  Scenario: is skipped for a capability
    Then a check that does not hold

  @unsupported
  Scenario: is unsupported
    Then a check that does not hold

  Scenario: runs steps in a step
    When steps are run by a step

  Scenario: waits asynchronously
    When the user waits asynchronously
    And something is attached
    Then nothing

  Scenario: has no steps

  Scenario: passes
    Given nothing

  Scenario: has a table and a text
    Then the table has 2 rows
      | a | b |
      | 1 | 2 |
      | 3 | 4 |
    And the text is "some text"
      """
      some text
      """
    And the feature "Plain" is open
