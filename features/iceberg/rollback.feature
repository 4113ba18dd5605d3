@iceberg @connect @users
Feature: Rollback
  A committed mistake is undone in a moment: an earlier snapshot becomes the current state again, and no file is
  rewritten. The undone state can still be read by its snapshot, until it is expired.

  Background:
    Given a lakehouse platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |

  @critical
  Scenario: A table that is rolled back holds the rows of the earlier snapshot
    When a data engineer rolls the table back to its first snapshot
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table as of its latest snapshot is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |
    And no data file of the table was rewritten

  Scenario: New commits follow the snapshot that the table was rolled back to
    Given the table was rolled back to its first snapshot
    When a data engineer runs "INSERT INTO trips VALUES (4, 'Ealing', 9.0)"
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 4    | Ealing | 9.0  |

  Scenario: A table is not rolled back to a snapshot that never existed
    When a data engineer rolls the table back to snapshot 1
    Then the answer is refused because "unknown snapshot id: 1"
    And the table is unchanged

  Scenario: A reviewed branch becomes the current state of the table
    Given a branch "review" of the latest snapshot
    And these trips were added to the branch "review"
      | trip | zone   | fare |
      | 4    | Ealing | 9.0  |
    When a data engineer publishes the branch "review"
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |
      | 4    | Ealing | 9.0  |

  Scenario: A branch that the table has diverged from is not published
    Given a branch "review" of the first snapshot
    And these trips were added to the branch "review"
      | trip | zone   | fare |
      | 4    | Ealing | 9.0  |
    When a data engineer publishes the branch "review"
    Then the answer is refused because "not an ancestor"
    And the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |
