@observability @requires.prometheus
Feature: Dashboards
  A dashboard that asks for a metric that nobody serves looks like a platform without problems. Every panel shows data
  after some work, and a panel that would stay empty is named, with the metric that it lacks.

  Scenario Outline: Every panel of a <platform> platform shows data after a workload
    Given a <platform> platform
    And an executor of the platform
    And Prometheus reads every program of the platform
    When a data engineer opens the platform's dashboards
    Then every panel shows data

    Examples: Platforms
      | platform             |
      | monitored            |
      | monitored-standalone |

  Scenario: A metric that was renamed leaves a panel empty, which is named
    Given a monitored platform
    And an executor of the platform
    And Prometheus reads every program of the platform
    When the platform has another name for the metric "metrics_executor_diskUsed_bytes" than its dashboards
    Then the panel "Disk that blocks use" alone is empty, for want of "metrics_executor_diskUsed_bytes"
