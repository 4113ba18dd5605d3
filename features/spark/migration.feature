@connect @spark.4.1.1
Feature: Move of a job from Spark 3.5 to 4.1
  A job that ran for years on Spark 3.5 can answer differently, or fail, on 4.1. A check (scripts/migration_check.py)
  asks each of its queries under the rules of both on one server of 4.1, which can still follow the old ones, and names
  the statements that differ, with the rule behind it. A table that a query makes differs in its rows or in the types of
  its columns. Nothing is written.

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

    Examples: tables that a query makes
      | does                               | statement                                                                                                      | rule                              |
      | makes a table of impossible casts  | CREATE TABLE rest.rides.made AS SELECT CAST(f AS double) AS fare FROM VALUES ('n/a') AS t(f)                   | spark.sql.ansi.enabled            |
      | makes a table of overflows         | CREATE OR REPLACE TABLE rest.rides.made USING iceberg AS (SELECT 2147483647 + n AS n FROM VALUES (1) AS t(n))  | spark.sql.ansi.enabled            |
      | makes a table of divisions by zero | REPLACE TABLE rest.rides.made COMMENT 'same as with x' SELECT 10 / n AS mean FROM VALUES (0) AS t(n)           | spark.sql.ansi.enabled            |
      | makes a table with other types     | CREATE TABLE rest.rides.made AS SELECT coalesce(n, '0') AS n FROM VALUES (1) AS t(n) WHERE n > 1               | spark.sql.ansi.enabled            |
      | makes a table of dates of Spark 2  | CREATE TABLE rest.rides.made AS WITH d AS (SELECT '2020-1-7' AS d) SELECT to_date(d, 'yyyy-MM-dd') AS d FROM d | spark.sql.legacy.timeParserPolicy |

  @critical
  Scenario: A job that says what it means answers the same after the move
    When a data engineer checks this job for the move from Spark 3.5
      """
      CREATE TEMPORARY VIEW fares AS SELECT * FROM VALUES ('12.5', 0), ('n/a', 3) AS f(fare, trips);
      SELECT sum(try_cast(fare AS double)) FROM fares;
      SELECT CAST(2147483647 AS bigint) + 1;
      INSERT INTO rest.rides.means SELECT try_divide(10, trips) FROM fares;
      CREATE TABLE rest.rides.made AS SELECT try_cast(fare AS double) AS fare, try_divide(10, trips) AS n FROM fares;
      SELECT get(array(1, 2), 5) FROM fares;
      SELECT fare FROM fares WHERE trips NOT IN (3);
      SELECT encode('Łódź', 'UTF-8')
      """
    Then the check names no statement

  Scenario: What cannot be compared is named, and not passed over
    When a data engineer checks this job for the move from Spark 3.5
      """
      SELECT rand();
      DELETE FROM rest.rides.means WHERE true;
      -- The job itself makes a table and reads it; the check makes none.
      CREATE TABLE rest.rides.made_by_the_job AS SELECT 1 AS trips;
      SELECT trips FROM rest.rides.made_by_the_job
      """
    Then the check names just these statements
      | line | rule         |
      | 1    | not compared |
      | 2    | not compared |
      | 5    | not compared |
