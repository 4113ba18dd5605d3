@iceberg @connect
Feature: Maintenance
  Tables that are written all day collect small files and old snapshots. Both are removed without changing any answer.
  Snapshots that the retention or a tag promises to keep are never removed.

  Background:
    Given a lakehouse platform
    And the generated trips in a table of 12 files

  @critical @users
  Scenario: Compaction writes few files instead of many and changes no answer
    When a data engineer compacts the table
    Then its rows are in fewer than 12 files
    And the table holds all generated trips

  @users
  Scenario: Time travel still reads a snapshot from before the compaction
    Given the table was compacted
    When a data engineer counts the trips as of the first snapshot
    Then the answer is the number of generated trips

  @critical
  Scenario: Expired snapshots free their storage and change no answer
    Given the table was compacted
    When a data engineer expires all but the latest snapshot
    Then the data files take less storage than before
    And the table holds all generated trips

  @users
  Scenario: An expired snapshot can no longer be read
    Given the table was compacted
    And all but the latest snapshot were expired
    When a data engineer reads the table as of its expired snapshot
    Then the answer is refused because "Cannot find snapshot with ID"

  @users
  Scenario: A snapshot with a tag does not expire
    Given the table was compacted
    And the first snapshot is tagged "audited"
    And all but the latest snapshot were expired
    When a data engineer counts the trips as of "audited"
    Then the answer is the number of generated trips

  @users
  Scenario: Snapshots of the last days do not expire
    Given the table was compacted
    When a data engineer expires the snapshots that are older than the table's retention
    Then the table still has 2 snapshots

  @users
  Scenario: Snapshots that are older than the table's retention expire
    Given the table was altered by "SET TBLPROPERTIES ('history.expire.max-snapshot-age-ms' = '1')"
    And the table was compacted
    When a data engineer expires the snapshots that are older than the table's retention
    Then the table still has 1 snapshots
    And the table holds all generated trips
