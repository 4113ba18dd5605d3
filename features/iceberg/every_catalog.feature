@iceberg @connect
Feature: Every catalog
  A team chooses the catalog of its tables by taste and by what it already has. The guarantees of a table do not depend
  on the catalog.

  Background:
    Given a lakehouse platform

  @users
  Scenario Outline: Columns are renamed and added without data loss in the <kind> catalog
    Given a table of taxi trips in the "<kind>" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    And the table was altered by "RENAME COLUMN fare TO price"
    And the table was altered by "ADD COLUMN fare double"
    When a data engineer reads the columns "trip, price, fare" of the table
    Then the answer is
      | trip | price | fare |
      | 1    | 12.5  |      |

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  @users
  Scenario Outline: Old files stay and new ones follow a new layout in the <kind> catalog
    Given half of the generated trips in a table of the "<kind>" catalog partitioned by "months(picked_up_at)"
    And the table was altered by "REPLACE PARTITION FIELD months(picked_up_at) WITH zone"
    And the other half was added later
    Then half of the trips are in files partitioned by "picked_up_at_month", the other half in files partitioned by "zone"
    And the table holds all generated trips

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  @users
  Scenario Outline: A merge updates, deletes and inserts at once in the <kind> catalog
    Given a table of taxi trips in the "<kind>" catalog
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

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  @users
  Scenario Outline: A committed mistake is undone by a rollback in the <kind> catalog
    Given a table of taxi trips in the "<kind>" catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |
    When a data engineer rolls the table back to its first snapshot
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And no data file of the table was rewritten

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  @users
  Scenario Outline: A table of the <kind> catalog is not rolled back to a snapshot that never existed
    Given a table of taxi trips in the "<kind>" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When a data engineer rolls the table back to snapshot 1
    Then the answer is refused because "unknown snapshot id: 1"
    And the table is unchanged

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  Scenario Outline: Compaction and expired snapshots free storage and change no answer in the <kind> catalog
    Given the generated trips in a table of 12 files of the "<kind>" catalog
    And the table was compacted
    When a data engineer expires all but the latest snapshot
    Then its rows are in fewer than 12 files
    And the data files take less storage than before
    And the table holds all generated trips

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  @users
  Scenario Outline: Snapshots of the last days do not expire in the <kind> catalog
    Given the generated trips in a table of 12 files of the "<kind>" catalog
    And the table was compacted
    When a data engineer expires the snapshots that are older than the table's retention
    Then the table still has 2 snapshots
    And the table holds all generated trips

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |
