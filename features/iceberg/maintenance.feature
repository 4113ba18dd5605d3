@iceberg @connect
Feature: Maintenance
  Tables that are written all day gather small files and old snapshots. Both are cleared away without changing any
  answer, and nothing goes that somebody was promised to find.

  Background:
    Given a lakehouse platform
    And the generated trips in a table of 12 files

  @critical
  Scenario: Compaction writes few files instead of many and changes no answer
    When a data engineer compacts the table
    Then fewer than 12 files hold its rows
    And the table holds all generated trips

  Scenario: What was compacted is still there for who travels in time
    Given the table was compacted
    When a data engineer counts the trips as of the first snapshot
    Then the answer is the number of generated trips

  @critical
  Scenario: Expired snapshots free their room and change no answer
    Given the table was compacted
    When a data engineer expires all but the latest snapshot
    Then the files of the data take less room than before
    And the table holds all generated trips

  Scenario: An expired snapshot can no longer be read
    Given the table was compacted
    And all but the latest snapshot were expired
    When a data engineer reads the table as of its lost snapshot
    Then the answer is refused because "Cannot find snapshot with ID"

  Scenario: A snapshot with a tag is spared
    Given the table was compacted
    And the first snapshot is tagged "audited"
    And all but the latest snapshot were expired
    When a data engineer counts the trips as of "audited"
    Then the answer is the number of generated trips

  Scenario: Expiry spares the snapshots of the last days
    Given the table was compacted
    When a data engineer expires what is older than the platform keeps
    Then the table still has 2 snapshots
