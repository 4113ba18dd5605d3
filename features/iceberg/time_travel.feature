@iceberg @connect @smoke
Feature: Time travel
  An Iceberg table keeps every committed state, so that a data engineer can read again what an earlier report was
  based on. Reading the past never changes the present.

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
  Scenario: An earlier snapshot still holds its rows
    When a data engineer reads the table as of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table is unchanged

  Scenario: An earlier moment still holds its rows
    When a data engineer reads the table as of the moment of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table is unchanged

  Scenario: A snapshot is found again by its name
    When a data engineer tags the first snapshot "audited"
    Then the table as of "audited" is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  Scenario: Without time travel all rows are read
    When a data engineer reads the table
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |

  Scenario: A snapshot that never was is refused
    When a data engineer reads the table as of snapshot 1
    Then the answer is refused because "Cannot find snapshot with ID 1"

  Scenario: A moment before the table's first snapshot is refused
    When a data engineer reads the table as of the moment "2001-01-01 00:00:00"
    Then the answer is refused because "Cannot find a snapshot older than 2001-01-01"
