@governance @iceberg @connect
Feature: Governed tables
  Every table is to have a team that answers for it, a class for each column, and a time after which rows go, and its
  properties are to say so. Nothing enforces that: a scan of a catalog (scripts/governance_scan.py) names each table that
  breaks one of these rules.

  Background:
    Given a lakehouse platform

  @critical
  Scenario Outline: A scan of a governed database of the <kind> catalog finds nothing
    Given a governed table of customers in the "<kind>" catalog
    When the data steward scans the table's database
    Then the scan finds nothing

    Examples: all kinds of catalogs
      | kind   |
      | hadoop |
      | hive   |
      | jdbc   |
      | rest   |

  @critical
  Scenario Outline: A scan names a table <with>
    Given a governed table of customers in the "rest" catalog
    And the table was altered by "<change>"
    When the data steward scans the table's database
    Then the scan finds just this of the table
      | finding   |
      | <finding> |

    Examples: tables that break one rule
      | with                                  | change                                                             | finding                             |
      | without an owner                      | UNSET TBLPROPERTIES ('governance.owner')                           | no owner: governance.owner          |
      | with an unclassified column           | ADD COLUMN phone string                                            | unclassified column: phone          |
      | with a class that nobody knows        | SET TBLPROPERTIES ('governance.classification.email' = 'hidden')   | unknown class: email: hidden        |
      | without a retention                   | UNSET TBLPROPERTIES ('governance.retention')                       | no retention: governance.retention  |
      | with a retention by a column it lacks | SET TBLPROPERTIES ('governance.retention-column' = 'born')         | no retention: by the column born    |

  Scenario Outline: A scan of a database of the <kind> catalog names a table without an owner
    Given a governed table of customers in the "<kind>" catalog
    And the table was altered by "UNSET TBLPROPERTIES ('governance.owner')"
    When the data steward scans the table's database
    Then the scan finds just this of the table
      | finding                    |
      | no owner: governance.owner |

    Examples: the other kinds of catalogs
      | kind   |
      | hadoop |
      | hive   |
      | jdbc   |

  Scenario: A column whose class Spark does not show is taken as classified
    Given a governed table of customers in the "rest" catalog
    And the table was altered by "ADD COLUMN token string"
    And the table was altered by "SET TBLPROPERTIES ('governance.classification.token' = 'confidential')"
    When the data steward scans the table's database
    Then the scan finds nothing

  Scenario: A renamed column has to be classified again
    Given a governed table of customers in the "rest" catalog
    And the table was altered by "RENAME COLUMN email TO address"
    When the data steward scans the table's database
    Then the scan finds just this of the table
      | finding                      |
      | unclassified column: address |
      | class of no column: email    |

  @critical
  Scenario: A scan names a table with rows that are over their retention
    Given a governed table of customers in the "rest" catalog
    And a customer of 366 days ago
    When the data steward scans the table's database
    Then the scan finds just this of the table
      | finding                    |
      | expired rows: 1            |
      | files with expired rows: 1 |

  Scenario: Rows that are not over their retention are not named
    Given a governed table of customers in the "rest" catalog
    And a customer of 364 days ago
    When the data steward scans the table's database
    Then the scan finds nothing

  Scenario: A scan names a table whose expired rows were deleted and are still in its files
    Given a governed table of customers in the "rest" catalog
    And a customer of 366 days ago
    And a data engineer has deleted that customer
    When the data steward scans the table's database
    Then the scan finds just this of the table
      | finding                    |
      | files with expired rows: 1 |

  Scenario: A scan of a whole catalog comes to each table
    Given a governed table of customers in the "rest" catalog
    And the table was altered by "UNSET TBLPROPERTIES ('governance.owner')"
    And a table in another database of the "rest" catalog that has no retention
    When the data steward scans the whole catalog
    Then the scan finds "no owner: governance.owner" of the table
    And the scan finds "no retention: governance.retention" of the table in the other database
