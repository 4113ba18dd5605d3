@airflow @connect @cpu.0.5 @memory.512Mi
Feature: Runs of DAGs
  A data team's DAGs are files that the platform gives to Airflow. Their tasks work on the platform's Spark as Airflow's
  own user; what they write is there for everybody, and what fails says why and stops what needs it.

  Background:
    Given an orchestration platform

  @critical @smoke
  Scenario: A run writes a table that a data engineer finds
    When a data engineer runs the "daily sums" DAG
    Then the run succeeds
    And executors of the platform did its work for Airflow's account
    And a data engineer finds in its table
      | day | total  |
      | 0   | 166833 |
      | 1   | 166167 |
      | 2   | 166500 |

  Scenario: A run whose query is wrong fails and says why
    When a data engineer runs the "wrong query" DAG
    Then the run fails at "ask" after 2 tries because "UNRESOLVED_COLUMN"

  Scenario: The next task gets the answer that Spark gave
    When a data engineer runs the "daily sums" DAG
    Then the tasks "write" and "report" have the answer to "SELECT sum(id) FROM range(0, 1000)"

  Scenario: Data that passes its check is published
    When a data engineer runs the "checked load" DAG
    Then the run succeeds
    And a data engineer finds in its table
      | id | amount |
      | 0  | 0      |
      | 1  | 10     |
      | 2  | 20     |
      | 3  | 30     |
      | 4  | 40     |

  Scenario: A check that fails stops what follows
    When a data engineer runs the "checked load" DAG with 2 orders without an amount
    Then the run fails at "check" after 1 tries because "2 of the orders have no amount."
    And its task "publish" did not run
    And a data engineer finds no table of it

  @quality @iceberg
  Scenario: Orders that break the data team's rules are not published
    Given a table that a run of the "judged load" DAG has filled
    When another run of the DAG loads 2 orders without an amount
    Then the run fails at "judge" after 1 tries because "expect_column_values_to_not_be_null on amount (2 rows"
    And its task "publish" did not run
    And the table is unchanged

  @quality @iceberg
  Scenario: Orders that keep the data team's rules are added
    Given a table that a run of the "judged load" DAG has filled
    When another run of the DAG loads 0 orders without an amount
    Then the run succeeds
    And a data engineer finds in its table
      | id | amount |
      | 0  | 0      |
      | 0  | 0      |
      | 1  | 10     |
      | 1  | 10     |
      | 2  | 20     |
      | 2  | 20     |
      | 3  | 30     |
      | 3  | 30     |
      | 4  | 40     |
      | 4  | 40     |
