@iceberg @connect @smoke
Feature: Schema evolution
  A table's columns follow the business without rewriting what is stored: rows written before a change stay readable,
  and a change that would make them unreadable is refused.

  Background:
    Given a lakehouse platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  @critical
  Scenario: Rows written before a column was added have no value in it
    Given the table was altered by "ADD COLUMN tip double"
    And these trips were added later
      | trip | zone | fare | tip |
      | 3    | Soho | 30.0 | 4.0 |
    When a data engineer reads the table
    Then the answer is
      | trip | zone   | fare | tip |
      | 1    | Soho   | 12.5 |     |
      | 2    | Camden | 7.0  |     |
      | 3    | Soho   | 30.0 | 4.0 |

  Scenario: A renamed column keeps its values
    Given the table was altered by "RENAME COLUMN fare TO price"
    When a data engineer reads the columns "trip, price" of the table
    Then the answer is
      | trip | price |
      | 1    | 12.5  |
      | 2    | 7.0   |

  Scenario: A type change that would lose values is refused
    When a data engineer alters the table by "ALTER COLUMN zone TYPE int"
    Then the answer is refused because "NOT_SUPPORTED_CHANGE_COLUMN"
