@quality @connect @cpu.0.5 @memory.1Gi
Feature: Rules on every version of Spark
  A team that upgrades Spark keeps its rules, and they judge as before.

  Scenario Outline: The same rules judge the same data alike on Spark <version>
    Given a workbench platform on Spark <version>
    And a table of 1000 orders that keep their rules
    And order 1001 was added, with the status "'lost'"
    When a data engineer judges the table by the rules "orders"
    Then the verdict is
      | rule                                              | on                                                              | outcome | rows |
      | expect_table_columns_to_match_ordered_list        | id, customer, email, status, amount, ordered_at, shipped_at     | kept    |      |
      | expect_table_row_count_to_be_between              |                                                                 | kept    |      |
      | expect_column_values_to_not_be_null               | id                                                              | kept    | 0    |
      | expect_column_values_to_be_unique                 | id                                                              | kept    | 0    |
      | expect_column_values_to_not_be_null               | customer                                                        | kept    | 0    |
      | expect_column_values_to_match_regex               | email                                                           | kept    | 0    |
      | expect_column_values_to_be_in_set                 | status                                                          | broken  | 1    |
      | expect_column_values_to_be_between                | amount                                                          | kept    | 0    |
      | expect_column_mean_to_be_between                  | amount                                                          | kept    |      |
      | expect_column_values_to_be_of_type                | amount                                                          | kept    |      |
      | expect_compound_columns_to_be_unique              | customer, ordered_at                                            | kept    | 0    |
      | expect_column_pair_values_a_to_be_greater_than_b  | shipped_at, ordered_at                                          | kept    | 0    |

    Examples: Spark <version>
      | version |
      | every   |
