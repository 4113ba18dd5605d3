@gpu @iceberg @connect @requires.gpu @rapids @processes @limit.1200
Feature: What a GPU runs
  A GPU is worth its price if it runs the work that data engineers have, of all kinds. Work that RAPIDS does not run on
  the GPU is run by the CPU, and data that does not fit into GPU memory is spilled. The answers are right in each case.

  Background:
    Given a GPU node and an Iceberg catalog
    And 100000 generated trips in a table

  Scenario Outline: A GPU runs <what>
    When a data engineer has a GPU run "<query>"
    Then RAPIDS executes the query, with "<operators>" on the GPU

    Examples: relational work
      | what           | operators       | query                                                                                                              |
      | an aggregation | HashAggregate   | SELECT zone, count(*), sum(fare), max(tip) FROM trips GROUP BY zone                                                |
      | a join         | Join            | SELECT count(*), sum(a.fare + b.tip) FROM trips a JOIN trips b ON a.trip = b.trip                                  |
      | a sort         | Sort            | SELECT trip, fare FROM trips WHERE trip % 100 = 0 ORDER BY fare DESC, trip                                         |
      | a window       | Window          | SELECT zone, sum(place) FROM (SELECT zone, rank() OVER (PARTITION BY zone ORDER BY fare) place FROM trips) GROUP BY zone |
      | a filter       | Filter          | SELECT count(*) FROM trips WHERE fare > 10 AND zone IS NOT NULL                                                    |

    Examples: work on one type
      | what     | operators              | query                                                                                                       |
      | text     | BatchScan, HashAggregate | SELECT upper(substring(zone, 1, 2)), sum(length(zone)) FROM trips GROUP BY 1                              |
      | dates    | BatchScan, HashAggregate | SELECT date_add(date(picked_up_at), 7), count(*) FROM trips GROUP BY 1                                    |
      | decimals | BatchScan, HashAggregate | SELECT sum(fare * 1.2BD), sum(fare + tip) FROM trips                                                      |

  Scenario: A GPU writes Parquet
    When a data engineer has a GPU write "SELECT trip, zone, fare, picked_up_at FROM trips" as Parquet
    Then RAPIDS executes the query, with "BatchScan, InsertIntoHadoopFsRelation" on the GPU
    And the copy has the rows of "SELECT trip, zone, fare, picked_up_at FROM trips"

  Scenario: Work that RAPIDS has no operator for is left to the CPU
    When a data engineer has a GPU run "SELECT mode(trip DIV 1000), count(DISTINCT trip) FROM trips"
    Then RAPIDS leaves "ObjectHashAggregate" to the CPU, and the answer is right

  Scenario: Spark gives an executor the GPU that its pod has
    When the platform operator asks each executor for its GPUs
    Then each has one NVIDIA GPU
