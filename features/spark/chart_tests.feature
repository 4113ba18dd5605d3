@connect @cpu.0.7 @memory.4Gi
Feature: The charts' own tests
  After an installation, `helm test` shows if the platform works. It uses each component that serves somebody once, and
  asks it once for something that must be refused; of submitted drivers it asks what their account may not do. Backups
  and ingests come by themselves, and have no test.

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

  @mlflow
  Scenario: A platform with a tracking server passes the tests of its chart
    Given a tracking platform
    When the platform operator runs the chart's own tests
    Then all of them pass

  @airflow
  Scenario: A platform with Airflow passes the tests of its chart
    Given an orchestration platform
    When the platform operator runs the chart's own tests
    Then all of them pass

  Scenario: A platform whose driver may read Secrets does not pass
    Given a data team with a platform of its own
    And an operator let the platform's driver list secrets
    When the platform operator runs the chart's own tests
    Then the test "connect-denied" fails
