@observability @requires.prometheus
Feature: Targets
  A program that nobody reads shows no problem. Spark's drivers, masters and workers and Airflow have monitors. Prometheus
  reads every program that the platform's monitors choose, and one that does not answer, or whose monitor is gone, is
  named. Databases, stores, catalogs and the other servers have no monitor.

  Scenario Outline: Prometheus reads every program that the monitors of a <platform> platform choose
    Given a <platform> platform
    And an executor of the platform
    When Prometheus looks for the platform's targets
    Then Prometheus reads every program of the platform, and each answers

    Examples: Platforms
      | platform             |
      | monitored            |
      | monitored-standalone |

  @sole-user
  Scenario: A target that does not answer is named
    Given a monitored platform
    When a monitor asks the connect component for metrics at "/nowhere"
    Then it is said of a target that it "cannot be read at /nowhere"

  @sole-user
  Scenario: A program whose monitor is gone is named
    Given a monitored platform
    When somebody deletes the monitor of the connect component
    Then it is said of a target that it "is not read at /metrics/prometheus"
