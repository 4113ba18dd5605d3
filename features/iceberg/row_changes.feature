@iceberg @connect @users
Feature: Changes of rows
  Rows are updated, deleted and merged as in any database. A table that is read more often than it is written rewrites
  the files that a change affects (copy-on-write). A table that changes all day writes delete files beside them
  (merge-on-read). Readers see the same rows in both modes.

  Background:
    Given a lakehouse platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |

  Scenario Outline: An update changes its rows and no other, <mode>
    Given the table writes updates as "<mode>"
    When a data engineer runs "UPDATE trips SET fare = 8.0 WHERE trip = 2"
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 8.0  |
      | 3    | Soho   | 30.0 |
    And the old files <fate>

    Examples: both modes
      | mode          | fate                                |
      | copy-on-write | are replaced                        |
      | merge-on-read | stay, with delete files beside them |

  Scenario Outline: A delete removes its rows and no other, <mode>
    Given the table writes deletes as "<mode>"
    When a data engineer runs "DELETE FROM trips WHERE fare > 10 AND trip < 3"
    Then the table holds
      | trip | zone   | fare |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |
    And the old files <fate>

    Examples: both modes
      | mode          | fate                                |
      | copy-on-write | are replaced                        |
      | merge-on-read | stay, with delete files beside them |

  @critical
  Scenario Outline: A merge updates, deletes and inserts at once, <mode>
    Given the table writes merges as "<mode>"
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
      | 3    | Soho   | 30.0 |
      | 4    | Ealing | 9.0  |
    And the old files <fate>

    Examples: both modes
      | mode          | fate                                |
      | copy-on-write | are replaced                        |
      | merge-on-read | stay, with delete files beside them |

  Scenario: A merge that would change one row twice is refused
    When a data engineer runs
      """
      MERGE INTO trips USING (SELECT * FROM VALUES (1, 13.0), (1, 14.0) AS paid (trip, fare)) paid
      ON trips.trip = paid.trip WHEN MATCHED THEN UPDATE SET fare = paid.fare
      """
    Then the answer is refused because "MERGE_CARDINALITY_VIOLATION"
    And the table is unchanged

  Scenario: A row that does not fit its columns is refused
    When a data engineer runs "INSERT INTO trips VALUES (4, 'Soho', 'much')"
    Then the answer is refused because "Cannot safely cast"
    And the table is unchanged
