@gpu @iceberg @submit @rapids
Feature: What a GPU would write
  A table's files are written where its rows were computed, or they cross to the CPU first. RAPIDS says which it would be
  before anything is written.

  Background:
    Given a GPU-planning platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  Scenario Outline: A GPU would write the Parquet files of <what>
    When a data engineer plans "<statement>"
    Then a GPU would run all of it, and in it "<operators>"
    And the table is unchanged

    Examples: files that are new, and files in the place of others
      | what      | operators                 | statement                                                |
      | an append | AppendData, BatchScan     | INSERT INTO trips SELECT * FROM trips                    |
      | an update | ReplaceData, BatchScan    | UPDATE trips SET fare = 9.0 WHERE trip = 1               |
      | a copy    | AtomicCreateTableAsSelect | CREATE TABLE copied USING iceberg AS SELECT * FROM trips |

  Scenario: Deletes beside a table's files are written by the CPU
    Given the table keeps deletes "merge-on-read"
    When a data engineer plans "DELETE FROM trips WHERE trip = 1"
    Then the CPU would run "WriteDelta" because "Merge on read support for iceberg is experimental"

  Scenario: Deletes beside a table's files are written by the GPU for who asks for it
    Given the table keeps deletes "merge-on-read"
    And a data engineer has run "SET spark.rapids.sql.exec.WriteDeltaExec = true"
    When a data engineer plans "DELETE FROM trips WHERE trip = 1"
    Then a GPU would run all of it, and in it "WriteDelta, BatchScan"
