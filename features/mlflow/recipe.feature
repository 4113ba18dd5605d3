@mlflow @connect @cpu.0.5 @memory.2Gi
Feature: The recipe of tracking
  A data scientist copies commands from docs/recipes/tracking.md, so these very commands are run.

  @critical
  Scenario: A data scientist runs a project and looks at its run
    Given a tracking platform
    When a data engineer follows the recipe "tracking"
    Then its commands succeed, and say
      | words    |
      | FINISHED |
      | 499500.0 |
