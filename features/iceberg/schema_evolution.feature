@iceberg @connect @users
Feature: Schema evolution
  A table's columns can change with the business, and stored files are not rewritten. Rows from before a change stay
  readable, and a change that would make them unreadable is refused.

  Background:
    Given a lakehouse platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  @critical @smoke
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
    And no data file of the table was rewritten

  @smoke
  Scenario: A renamed column keeps its values
    Given the table was altered by "RENAME COLUMN fare TO price"
    When a data engineer reads the columns "trip, price" of the table
    Then the answer is
      | trip | price |
      | 1    | 12.5  |
      | 2    | 7.0   |
    And no data file of the table was rewritten

  Scenario: A column that was dropped and added again does not bring its old values back
    Given the table was altered by "DROP COLUMN fare"
    And the table was altered by "ADD COLUMN fare double"
    When a data engineer reads the table
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   |      |
      | 2    | Camden |      |
    And no data file of the table was rewritten

  Scenario: Columns in another order keep their values
    Given the table was altered by "ALTER COLUMN zone AFTER fare"
    And these trips were added later
      | trip | fare | zone |
      | 3    | 30.0 | Soho |
    When a data engineer reads the table
    Then the answer is
      | trip | fare | zone   |
      | 1    | 12.5 | Soho   |
      | 2    | 7.0  | Camden |
      | 3    | 30.0 | Soho   |
    And no data file of the table was rewritten

  Scenario: A widened column keeps its values and takes larger ones
    Given the table was altered by "ADD COLUMN passengers int"
    And these trips were added later
      | trip | zone | fare | passengers |
      | 3    | Soho | 30.0 | 2          |
    And the table was altered by "ALTER COLUMN passengers TYPE bigint"
    And these trips were added later
      | trip | zone | fare | passengers |
      | 4    | Soho | 1.0  | 3000000000 |
    When a data engineer reads the columns "trip, passengers" of the table
    Then the answer is
      | trip | passengers |
      | 1    |            |
      | 2    |            |
      | 3    | 2          |
      | 4    | 3000000000 |
    And no data file of the table was rewritten

  Scenario: An earlier snapshot is read with the columns that it had
    Given the table was altered by "DROP COLUMN fare"
    And these trips were added later
      | trip | zone |
      | 3    | Soho |
    When a data engineer reads the table as of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  @smoke
  Scenario: Changes that would lose or invent values are refused
    Then these changes of the table are refused
      | change                             | reason                            |
      | ADD COLUMN fare double             | FIELD_ALREADY_EXISTS              |
      | ADD COLUMN tip double NOT NULL     | cannot add required column: tip   |
      | DROP COLUMN nothing                | UNRESOLVED_COLUMN                 |
      | RENAME COLUMN nothing TO something | UNRESOLVED_COLUMN                 |
      | RENAME COLUMN fare TO zone         | FIELD_ALREADY_EXISTS              |
      | ALTER COLUMN zone AFTER nothing    | UNRESOLVED_COLUMN                 |
      | ALTER COLUMN zone AFTER zone       | Cannot move zone after itself     |
      | ALTER COLUMN trip TYPE int         | NOT_SUPPORTED_CHANGE_COLUMN       |
      | ALTER COLUMN fare TYPE float       | NOT_SUPPORTED_CHANGE_COLUMN       |
      | ALTER COLUMN zone TYPE int         | NOT_SUPPORTED_CHANGE_COLUMN       |
      | ALTER COLUMN zone SET NOT NULL     | Cannot change nullable column     |
    And the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
