@recovery @iceberg @connect
Feature: Dropped tables
  A table that was dropped by mistake is brought back from its last metadata file, with each of its snapshots. It is
  back when every row of every snapshot was read again. The platform promises at most 4 hours for that, and at most 24
  hours of lost work; the report shows what was measured.

  Background:
    Given a lakehouse platform

  @critical
  Scenario Outline: A table of the <kind> catalog that was dropped by mistake is brought back
    Given half of the generated trips in a table of the "<kind>" catalog partitioned by "zone"
    And the other half was added later
    When a data engineer drops the table by mistake
    And the platform operator brings the table back from its last metadata file
    Then each snapshot holds what it held before
    And the table holds all generated trips
    And the recovery took at most 4 hours and lost at most 24 hours of work

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept by drivers themselves
      | kind |
      | jdbc |

  Scenario: A table that is brought back from an earlier metadata file lacks what was committed later
    Given half of the generated trips in a table of the "rest" catalog partitioned by "zone"
    And the other half was added later
    When a data engineer drops the table by mistake
    And the platform operator brings the table back from its first metadata file
    Then what came back holds what it held before, and 1 commit is named as lost
    And the recovery took at most 4 hours and lost at most 24 hours of work

  Scenario: A table that was dropped with its files does not come back
    Given half of the generated trips in a table of the "rest" catalog partitioned by "zone"
    When a data engineer drops the table with its files by mistake
    And the platform operator brings the table back from its last metadata file
    Then the table does not come back because "has no metadata file"
