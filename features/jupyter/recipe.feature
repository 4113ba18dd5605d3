@jupyter @connect @cpu.0.5 @memory.1Gi
Feature: The recipe of notebooks
  A data engineer copies commands from docs/recipes/notebooks.md, so these very commands are run.

  @critical
  Scenario: A data engineer runs a notebook with other parameters
    Given a workbench platform
    When a data engineer follows the recipe "notebooks"
    Then its commands succeed, and say
      | words             |
      | the sum is 499500 |
      | ended with 1      |
      | ['                |
