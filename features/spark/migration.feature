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
      SELECT array(1, 2)[5] FROM fares
      """
    Then the check names just these statements
      | line | rule                   |
      | 3    | spark.sql.ansi.enabled |
      | 4    | spark.sql.ansi.enabled |
      | 5    | spark.sql.ansi.enabled |
      | 6    | spark.sql.ansi.enabled |

  Scenario Outline: A statement that <does> is named before the move
    When a data engineer checks this job for the move from Spark 3.5
      """
      <statement>
      """
    Then the check names just these statements
      | line | rule   |
      | 1    | <rule> |

    Examples: rules that Spark 4.1 can still follow
      | does                                 | statement                                                                            | rule                                        |
      | reads dates as Spark 2 did           | SELECT to_date('2020-1-7', 'yyyy-MM-dd')                                             | spark.sql.legacy.timeParserPolicy           |
      | writes ! for NOT                     | SELECT id FROM range(3) WHERE id ! IN (1)                                            | spark.sql.legacy.bangEqualsNot              |
      | encodes what a set does not have     | SELECT encode('Łódź', 'US-ASCII')                                                    | spark.sql.legacy.codingErrorAction          |
      | uses a set that Spark does not know  | SELECT encode('a', 'windows-1252')                                                   | spark.sql.legacy.javaCharsets               |
      | gives two expressions one name       | WITH t AS (SELECT 1), u AS (WITH t AS (SELECT 2) SELECT * FROM t) SELECT * FROM u    | spark.sql.legacy.ctePrecedencePolicy        |
      | has -0.0 and 0.0 as keys of a map    | SELECT map(0.0D, 'a', -0.0D, 'b')                                                    | spark.sql.legacy.disableMapKeyNormalization |

  @critical
  Scenario: A job that says what it means answers the same after the move
    When a data engineer checks this job for the move from Spark 3.5
      """
      CREATE TEMPORARY VIEW fares AS SELECT * FROM VALUES ('12.5', 0), ('n/a', 3) AS f(fare, trips);
      SELECT sum(try_cast(fare AS double)) FROM fares;
      SELECT CAST(2147483647 AS bigint) + 1;
      INSERT INTO rest.rides.means SELECT try_divide(10, trips) FROM fares;
      SELECT get(array(1, 2), 5) FROM fares;
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
