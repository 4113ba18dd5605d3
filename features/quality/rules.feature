@quality @connect @cpu.0.5 @memory.1Gi
Feature: Rules for data
  A data team writes down as data which rules its tables keep, and the platform's Spark judges them. A verdict names what
  is wrong, by the rows' keys; a rule that cannot be judged is no bad data, and good data is no accident of a version.

  Background:
    Given a workbench platform
    And a table of 1000 orders that keep their rules

  @critical @smoke
  Scenario: A table that keeps its rules passes
    When a data engineer judges the table by the rules "orders"
    Then the table keeps all 12 rules
    And executors of the platform judged it, in one session of its Connect server

  @critical
  Scenario Outline: One broken row is counted and named: its <column>
    Given order 1001 was added, with the <column> "<value>"
    When a data engineer judges the table by the rules "orders"
    Then only the rule "<rule>" on "<column>" is broken, by order 1001 alone

    Examples: One for each way in which a row can break a rule
      | column   | value       | rule                                  |
      | customer | NULL        | expect_column_values_to_not_be_null   |
      | amount   | double('-1') | expect_column_values_to_be_between    |
      | email    | 'nobody'    | expect_column_values_to_match_regex   |
      | status   | 'lost'      | expect_column_values_to_be_in_set     |

  Scenario: A rule on a column that is missing is an error, and not bad data
    When a data engineer judges the table by the rules "misspelt column"
    Then the rule on "amont" is an error, and no data is bad

  @iceberg
  Scenario: Rules judge an earlier snapshot as it was
    Given order 1001 was added, with the amount "double('-1')"
    When a data engineer judges the table by the rules "orders" as of its first snapshot
    Then the table keeps all 12 rules

  @critical
  Scenario: A verdict leaves nothing in Spark's memory
    When a data engineer judges the table by the rules "orders"
    Then Spark keeps nothing of the table in memory

  Scenario: A verdict that has Spark persist the table leaves it in memory
    When a data engineer judges the table by the rules "orders", and has Spark persist it
    Then the table keeps all 12 rules
    And Spark still keeps the table in memory

  @requires.browser
  Scenario: The page of a verdict shows what broke, without internet
    Given order 1001 was added, with the amount "double('-1')"
    When a data engineer judges the table by the rules "orders", and opens the page of the verdict
    Then only the rule "expect_column_values_to_be_between" on "amount" is broken, by order 1001 alone
    And without internet the page shows what broke, with
      | words                      |
      | 1 unexpected values found. |
      | 1001                       |

  Scenario: The page of a verdict is not shown to everybody
    When somebody without the token asks for the page of the verdict by the rules "orders"
    Then the table keeps all 12 rules
    And JupyterLab asks for the token first
