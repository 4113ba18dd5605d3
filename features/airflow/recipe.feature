@airflow @connect @submit @cpu.0.5 @memory.2Gi
Feature: The recipe of orchestration
  A data engineer copies commands from docs/recipes/orchestration.md, so these very commands are run.

  @critical
  Scenario: A data engineer runs a DAG, finds its table, and submits an application
    Given an orchestration platform
    When a data engineer follows the recipe "orchestration"
    Then its commands succeed, and say
      | words                       |
      | The run is a success        |
      | 166833                      |
      | The submission is a success |
