@iceberg @connect
Feature: Partition evolution
  How a table is laid out follows how it is asked. A new layout holds for what is written from then on; nothing that is
  stored is rewritten, no query has to change, and each reads only the files that can concern it.

  Background:
    Given a lakehouse platform
    And half of the generated trips in a table by "months(picked_up_at)"
    And the table was altered by "REPLACE PARTITION FIELD months(picked_up_at) WITH zone"
    And the other half was added later

  @critical
  Scenario: Old files stay as they are, and new ones follow the new layout
    Then half of the trips lies in files by "picked_up_at_month", the other half in files by "zone"
    And the table holds all generated trips

  Scenario: A query reads only the files of its month and its zone, whatever layout they follow
    When a data engineer runs
      """
      SELECT count(fare), sum(fare) FROM trips
      WHERE zone = 'Soho' AND picked_up_at >= '2026-02-01' AND picked_up_at < '2026-03-01'
      """
    Then the generated trips give the same answer
    And 2 files were read and 9 skipped

  Scenario: A query that no layout follows reads every file
    When a data engineer runs
      """
      SELECT count(fare), sum(fare) FROM trips WHERE passengers = 3
      """
    Then the generated trips give the same answer
    And 11 files were read and 0 skipped

  Scenario: A day is the day of whoever asks, though files are laid out by instants
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
