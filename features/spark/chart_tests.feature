@connect @cpu.0.7 @memory.4Gi
Feature: The charts' own tests
  Whoever installs the platform can ask it whether it works: `helm test` uses each component once, and asks it once for
  what nobody may have.

  Scenario: A platform passes the tests of its chart
    Given a lakehouse platform
    When the platform operator runs the chart's own tests
    Then all of them pass

  Scenario: A standalone platform passes the tests of its chart
    Given a standalone platform
    When the platform operator runs the chart's own tests
    Then all of them pass

  Scenario: A platform with notebooks passes the tests of its chart
    Given a data team whose platform has notebooks
    When the platform operator runs the chart's own tests
    Then all of them pass

  Scenario: A platform whose driver may read Secrets does not pass
    Given a data team with a platform of its own
    And an operator let the platform's driver list secrets
    When the platform operator runs the chart's own tests
    Then the test "connect-denied" fails
