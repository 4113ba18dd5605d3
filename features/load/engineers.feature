@load @connect @autoscaling
Feature: Many data engineers at once
  Data engineers of all teams work on one server at the same time. Their number grows by steps until something gives
  way; the report has a table and a picture of the times, and says what gave way first. The statements sleep, so that
  the platform is measured and not the machine.

  Background:
    Given a lakehouse platform

  @critical
  Scenario: Eight data engineers at once are all answered rightly
    When 1, 2, 4 and 8 data engineers work at the same time, step by step, until answers take 30 s
    Then the load of 8 data engineers is carried, with no error and no wrong answer

  Scenario: The load stops at the first step that is too slow
    When 1, 2, 4 and 8 data engineers work at the same time, step by step, until answers take 0.001 s
    Then the load has stopped after 1 step, because "one of twenty statements took"

  Scenario: The load stops at the first error
    When 2, 4, 8 and 16 data engineers work at the same time, step by step, and one asks for what is not there
    Then the load has stopped after 1 step, because "TABLE_OR_VIEW_NOT_FOUND"

  @critical
  Scenario: Two teams of one size get as much
    When 3 data engineers of "rides" and 3 of "finance" work at the same time
    Then "rides" gets 35 to 65 % of the answers

  Scenario: A team of more engineers gets more, since each statement counts the same
    When 6 data engineers of "rides" and 2 of "finance" work at the same time
    Then "rides" gets 60 to 90 % of the answers

  @critical
  Scenario: One statement that fills the platform does not starve another team
    When "rides" floods the platform while a data engineer of "finance" asks short questions
    Then "finance" is answered at least 3 times as fast as "rides"
