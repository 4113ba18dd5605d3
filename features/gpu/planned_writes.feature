@gpu @iceberg @submit @rapids
Feature: What a GPU would write
  The files of a table are written by the GPU that computed the rows, or the rows are moved to the CPU first. RAPIDS
  reports which of both it would do before anything is written.

  Background:
    Given a GPU-planning platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  Scenario Outline: A GPU would write the Parquet files of <what>
    When a data engineer plans "<statement>"
    Then a GPU would run the whole plan, with "<operators>"
    And the table is unchanged

    Examples: new files, and files that replace others
      | what      | operators                 | statement                                                |
      | an append | AppendData, BatchScan     | INSERT INTO trips SELECT * FROM trips                    |
      | an update | ReplaceData, BatchScan    | UPDATE trips SET fare = 9.0 WHERE trip = 1               |
      | a copy    | AtomicCreateTableAsSelect | CREATE TABLE copied USING iceberg AS SELECT * FROM trips |

  Scenario: A copy that is only planned is not made
    Given a data engineer has planned "CREATE TABLE copied USING iceberg AS SELECT * FROM trips"
    When a data engineer runs "SELECT * FROM copied"
    Then the answer is refused because "TABLE_OR_VIEW_NOT_FOUND"

  Scenario: Delete files of merge-on-read are written by the CPU
    Given the table writes deletes as "merge-on-read"
    When a data engineer plans "DELETE FROM trips WHERE trip = 1"
    Then the CPU would run "WriteDelta" because "Merge on read support for iceberg is experimental"
    And the table is unchanged

  Scenario: Delete files of merge-on-read are written by the GPU if a setting allows it
    Given the table writes deletes as "merge-on-read"
    And a data engineer has run "SET spark.rapids.sql.exec.WriteDeltaExec = true"
    When a data engineer plans "DELETE FROM trips WHERE trip = 1"
    Then a GPU would run the whole plan, with "WriteDelta, BatchScan"
    And the table is unchanged
