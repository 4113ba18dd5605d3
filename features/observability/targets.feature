@observability @requires.prometheus
Feature: Targets
  A program that nobody reads shows no problem. Prometheus reads every program that the platform's monitors choose, and
  a program that does not answer, or that no monitor chooses, is named.

  Scenario Outline: Prometheus reads every program of a <platform> platform
    Given a <platform> platform
    And an executor of the platform
    When Prometheus looks for the platform's targets
    Then Prometheus reads every program of the platform, and each answers

    Examples: Platforms
      | platform             |
      | monitored            |
      | monitored-standalone |

  @serial
  Scenario: A target that does not answer is named
    Given a monitored platform
    When a monitor asks the connect component for metrics at "/nowhere"
    Then it is said of a target that it "cannot be read at /nowhere"

  @serial
  Scenario: A program whose monitor is gone is named
    Given a monitored platform
    When somebody deletes the monitor of the connect component
    Then it is said of a target that it "is not read at /metrics/prometheus"
