@connect @serial
Feature: History
  What a driver did is asked about when it is gone: its event log outlives it in the object store, and the History Server
  tells how each statement ended.

  Background:
    Given a lakehouse platform

  @critical
  Scenario: A driver's work is shown after the driver has ended
    Given a data engineer has run "SELECT sum(id) FROM range(0, 1000, 1, 2)"
    When the platform's driver ends
    Then the history shows that the statement succeeded

  Scenario: A statement that failed is shown as failed
    Given a data engineer has run "SELECT raise_error('spoilt') FROM range(0, 2, 1, 2)"
    When the platform's driver ends
    Then the history shows that the statement failed
