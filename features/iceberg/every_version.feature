@iceberg @connect @users
Feature: Every version of Spark
  A table outlives the version of Spark that wrote it, so every version gives the same guarantees.

  @critical
  Scenario Outline: An earlier state is read by snapshot, by moment and by tag on Spark <version>
    Given a lakehouse platform on Spark <version>
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the first snapshot is tagged "audited"
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |
    When a data engineer reads the table as of the moment of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table as of its first snapshot is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table as of "audited" is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

    Examples: Spark <version>
      | version |
      | every   |

  @critical
  Scenario Outline: An earlier state is found in the metadata of a table of the <kind> catalog on Spark <version>
    Given a lakehouse platform on Spark <version>
    And a table of taxi trips in the "<kind>" catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |
    When a data engineer reads the table as of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the metadata tables contain
      | table     | expression                    | value |
      | snapshots | count(*)                      | 2     |
      | history   | count_if(is_current_ancestor) | 2     |
      | files     | sum(record_count)             | 3     |

    Examples: Spark <version>
      | kind | version |
      | hive | every   |
      | rest | every   |
      | jdbc | every   |

  Scenario Outline: Columns are renamed and added without data loss on Spark <version>
    Given a lakehouse platform on Spark <version>
    And a table of taxi trips
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    And the table was altered by "RENAME COLUMN fare TO price"
    And the table was altered by "ADD COLUMN fare double"
    When a data engineer reads the columns "trip, price, fare" of the table
    Then the answer is
      | trip | price | fare |
      | 1    | 12.5  |      |

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: Old files stay and new ones follow a new layout on Spark <version>
    Given a lakehouse platform on Spark <version>
    And half of the generated trips in a table partitioned by "months(picked_up_at)"
    And the table was altered by "REPLACE PARTITION FIELD months(picked_up_at) WITH zone"
    And the other half was added later
    Then half of the trips are in files partitioned by "picked_up_at_month", the other half in files partitioned by "zone"
    And the table holds all generated trips

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: A merge updates, deletes and inserts at once on Spark <version>
    Given a lakehouse platform on Spark <version>
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When a data engineer runs
      """
      MERGE INTO trips USING (SELECT * FROM VALUES (1, 13.0), (2, 0.0), (4, 9.0) AS paid (trip, fare)) paid
      ON trips.trip = paid.trip
      WHEN MATCHED AND paid.fare = 0 THEN DELETE
      WHEN MATCHED THEN UPDATE SET fare = paid.fare
      WHEN NOT MATCHED THEN INSERT (trip, zone, fare) VALUES (paid.trip, 'Ealing', paid.fare)
      """
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 13.0 |
      | 4    | Ealing | 9.0  |

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: Two writers that change one trip at the same time do not undo each other's changes on Spark <version>
    Given a lakehouse platform on Spark <version>
    And an empty table of taxi trips in the "hadoop" catalog
    And a second data engineer
    When both data engineers add the same trip or raise its fare at the same time, 50 times
    Then one change was accepted each time, and only conflicting changes were refused
    And the table has each accepted change exactly once

    Examples: Spark <version>
      | version |
      | every   |
