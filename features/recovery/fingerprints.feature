@recovery @iceberg @connect
Feature: Fingerprints
  The number of a table's rows is answered from its metadata, even when every data file is gone. So a table that was
  restored is judged by its fingerprint: the sum of its rows' hashes over all columns, read from the data files.

  Background:
    Given a lakehouse platform
    And half of the generated trips in a table of the "rest" catalog partitioned by "zone"

  @critical
  Scenario: A count of rows does not notice that every data file is gone, a fingerprint does
    When every data file of the table is lost
    Then the table's rows are still counted as before
    And no fingerprint of the table can be taken because "Location does not exist"

  Scenario: A fingerprint notices values that moved to another column
    Given a fingerprint of the table was taken
    When a data engineer runs "UPDATE trips SET fare = tip, tip = fare WHERE tip IS NULL"
    Then the table has as many rows as before and another fingerprint
