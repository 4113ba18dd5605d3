@connect @users @smoke
Feature: Spark Connect
  A data engineer works with a thin client, and the platform runs the work on its own executors.

  Background:
    Given a lakehouse platform

  @blocker
  Scenario: A query is executed by executors and answered with the right value
    When a data engineer runs "SELECT sum(id) FROM range(0, 100000, 1, 4)"
    Then the answer is the single value 4999950000
    And executors did the work

  Scenario: Client and server are one version
    When a data engineer runs "SELECT substring_index(version(), ' ', 1)"
    Then the answer is the version that the client has

  Scenario: A query on a table that does not exist is refused
    When a data engineer runs "SELECT * FROM nowhere.nothing"
    Then the answer is refused because "TABLE_OR_VIEW_NOT_FOUND"
