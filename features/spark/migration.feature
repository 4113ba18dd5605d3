@connect @spark.4.1.1
Feature: Move of a job from Spark 3.5 to 4.1
  A job that ran for years on Spark 3.5 can answer differently, or fail, on 4.1. A check (scripts/migration_check.py)
  asks each of its queries under the rules of both on one server of 4.1, which can still follow the old ones, and names
  the statements that differ, with the rule behind it. Nothing is written.

  Background:
    Given a lakehouse platform on Spark 4.1.1

  @critical
  Scenario: Statements that will answer differently are named before the move
    When a data engineer checks this job for the move from Spark 3.5
      """
      CREATE TEMPORARY VIEW fares AS SELECT * FROM VALUES ('12.5', 0), ('n/a', 3) AS f(fare, trips);
      -- What cannot be cast was NULL; an overflow began anew.
      SELECT sum(CAST(fare AS double)) FROM fares;
      SELECT 2147483647 + 1;
      INSERT INTO rest.rides.means SELECT 10 / trips FROM fares;
      SELECT fare FROM fares WHERE trips ! IN (3);
      SELECT encode('Łódź', 'US-ASCII')
      """
    Then the check names just these statements
      | line | rule                               |
      | 3    | spark.sql.ansi.enabled             |
      | 4    | spark.sql.ansi.enabled             |
      | 5    | spark.sql.ansi.enabled             |
      | 6    | spark.sql.legacy.bangEqualsNot     |
      | 7    | spark.sql.legacy.codingErrorAction |

  @critical
  Scenario: A job that says what it means answers the same after the move
    When a data engineer checks this job for the move from Spark 3.5
      """
      CREATE TEMPORARY VIEW fares AS SELECT * FROM VALUES ('12.5', 0), ('n/a', 3) AS f(fare, trips);
      SELECT sum(try_cast(fare AS double)) FROM fares;
      SELECT CAST(2147483647 AS bigint) + 1;
      INSERT INTO rest.rides.means SELECT try_divide(10, trips) FROM fares;
      SELECT fare FROM fares WHERE trips NOT IN (3);
      SELECT encode('Łódź', 'UTF-8')
      """
    Then the check names no statement

  Scenario: What cannot be compared is named, and not passed over
    When a data engineer checks this job for the move from Spark 3.5
      """
      SELECT rand();
      DELETE FROM rest.rides.means WHERE true
      """
    Then the check names just these statements
      | line | rule         |
      | 1    | not compared |
      | 2    | not compared |
