@connect @sole-user
Feature: History
  Users ask about a driver's work after the driver has ended. Its event log stays in the object store, and the History
  Server shows how each statement ended.

  Background:
    Given a lakehouse platform

  @critical
  Scenario: A driver's work is shown after the driver has ended
    Given a data engineer has run "SELECT sum(id) FROM range(0, 1000, 1, 2)"
    When the platform's driver ends
    Then the history shows that the statement succeeded

  Scenario: A statement that failed is shown as failed
    Given a data engineer has seen "SELECT raise_error('spoilt') FROM range(0, 2, 1, 2)" refused because "spoilt"
    When the platform's driver ends
    Then the history shows that the statement failed
