@iceberg @connect @users
Feature: Partition evolution
  A table's partition layout follows its queries, and it can change. A new layout applies to rows that are written
  later. Stored files are not rewritten, no query has to change, and each query reads only the files that can match it.

  Background:
    Given a lakehouse platform
    And half of the generated trips in a table partitioned by "months(picked_up_at)"
    And the table was altered by "REPLACE PARTITION FIELD months(picked_up_at) WITH zone"
    And the other half was added later

  @critical
  Scenario: Old files stay as they are, and new ones follow the new layout
    Then half of the trips are in files partitioned by "picked_up_at_month", the other half in files partitioned by "zone"
    And the table holds all generated trips

  Scenario: A query reads only the files of its month and its zone, in either layout
    When a data engineer runs
      """
      SELECT count(fare), sum(fare) FROM trips
      WHERE zone = 'Soho' AND picked_up_at >= '2026-02-01' AND picked_up_at < '2026-03-01'
      """
    Then the generated trips give the same answer
    And 2 files were read and 9 skipped

  Scenario: A query that fits no layout reads every file
    When a data engineer runs
      """
      SELECT count(fare), sum(fare) FROM trips WHERE passengers = 3
      """
    Then the generated trips give the same answer
    And 11 files were read and 0 skipped

  Scenario: A day is a day in the session's time zone, although files are partitioned in UTC
    Given a data engineer has run "SET TIME ZONE 'America/New_York'"
    When a data engineer runs
      """
      SELECT count(fare), sum(fare) FROM trips
      WHERE picked_up_at >= '2026-02-01' AND picked_up_at < '2026-03-01'
      """
    Then the generated trips give the same answer
    And 10 files were read and 1 skipped

  Scenario: Impossible layouts are refused
    Then these changes of the table are refused
      | change                         | reason                                        |
      | ADD PARTITION FIELD zone       | Cannot add duplicate partition field          |
      | ADD PARTITION FIELD other      | Cannot find field 'other'                     |
      | ADD PARTITION FIELD days(zone) | day cannot transform string values            |
      | DROP PARTITION FIELD fare      | Cannot find partition field to remove         |
      | DROP COLUMN zone               | Cannot find source column for partition field |
    And the table holds all generated trips
