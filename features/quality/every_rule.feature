@quality @connect @cpu.0.5 @memory.1Gi
Feature: Every rule can be broken
  A rule that no data can break says nothing of the data. Each rule is broken by what it is about and by nothing else, and
  the verdict counts and names the rows that break it.

  Background:
    Given a workbench platform

  @critical
  Scenario: One verdict names what breaks each of seven rules
    Given a table of 3 orders, whose amount is "float(20 + id)"
    And these orders were added, each with another value in one column
      | order | column     | value                            |
      | 4     | id         | NULL                             |
      | 5     | id         | 2                                |
      | 6     | shipped_at | timestamp('2026-01-01 08:05:59') |
      | 7     | amount     | 9999                             |
      | 98    | ordered_at | timestamp('2026-01-01 08:01:00') |
    And the table of orders was altered by "ADD COLUMN note string"
    When a data engineer judges the table by the rules "orders"
    Then just these rules are broken, by the orders that they name
      | rule                                             | on                                                          | orders |
      | expect_table_columns_to_match_ordered_list       | id, customer, email, status, amount, ordered_at, shipped_at |        |
      | expect_column_values_to_not_be_null              | id                                                          | NULL   |
      | expect_column_values_to_be_unique                | id                                                          | 2, 2   |
      | expect_column_mean_to_be_between                 | amount                                                      |        |
      | expect_column_values_to_be_of_type               | amount                                                      |        |
      | expect_compound_columns_to_be_unique             | customer, ordered_at                                        | 1, 98  |
      | expect_column_pair_values_a_to_be_greater_than_b | shipped_at, ordered_at                                      | 6      |

  Scenario: A table without rows breaks the rules on its size and on its mean
    Given a table of 0 orders that keep their rules
    When a data engineer judges the table by the rules "orders"
    Then just these rules are broken, by the orders that they name
      | rule                                 | on     | orders |
      | expect_table_row_count_to_be_between |        |        |
      | expect_column_mean_to_be_between     | amount |        |
