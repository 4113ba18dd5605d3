@gpu @iceberg @connect @requires.gpu @rapids @processes @limit.1200
Feature: The speed of a GPU
  A GPU costs several times as much as the cores beside it. It is worth that for work that it does in at most half the
  time, and small tables have none of it.

  Scenario: A GPU answers at least twice as fast as the cores beside it
    Given a GPU node and an Iceberg catalog
    And 20000000 generated trips in a table
    When a data engineer asks "SELECT count(*), sum(a.fare + b.tip) FROM trips a JOIN trips b ON a.trip = b.trip" with RAPIDS and without it
    Then the answer with RAPIDS is the same and comes at least 2 times as fast, with "BatchScan, Join" on the GPU
