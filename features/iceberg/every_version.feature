@iceberg @connect
Feature: Every version of Spark
  A table outlives the version of Spark that wrote it, so each keeps the same promises.

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
    And the table as of "audited" is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: Columns come and go without a loss on Spark <version>
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
    And half of the generated trips in a table by "months(picked_up_at)"
    And the table was altered by "REPLACE PARTITION FIELD months(picked_up_at) WITH zone"
    And the other half was added later
    Then half of the trips lies in files by "picked_up_at_month", the other half in files by "zone"
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

  Scenario Outline: Of two who change one trip at the same time, neither undoes the other, on Spark <version>
    Given a lakehouse platform on Spark <version>
    And an empty table of taxi trips in the "hadoop" catalog
    And a second data engineer
    When both add or raise the same trip at the same time, 50 times
    Then one was accepted each time, and refused was only who came second
    And the table has all that was accepted, once

    Examples: Spark <version>
      | version |
      | every   |
