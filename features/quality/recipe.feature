@quality @connect @cpu.0.5 @memory.1Gi
Feature: The recipe of data quality
  A data engineer copies commands from docs/recipes/data-quality.md, so these very commands are run.

  @critical
  Scenario: A data engineer judges a table
    Given a workbench platform
    When a data engineer follows the recipe "data-quality"
    Then its commands succeed, and say
      | words                                    |
      | (1 rows, [{'item': 100}])                |
      | ended with 3                             |
      | lake.shop.prices keeps all 2 rules       |
      | prices keeps all 1 rules of prices       |
