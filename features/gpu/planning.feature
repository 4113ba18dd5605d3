@gpu @iceberg @submit @rapids
Feature: What a GPU would run
  Before a platform owner buys GPUs, the owner wants to know what they would do. Without a GPU, RAPIDS still plans every
  statement: what it would run on a GPU, what it would leave to the CPU, and why. The CPU executes everything, so the
  answers are right.

  Background:
    Given a GPU-planning platform
    And 1000 generated trips in a table

  @smoke @critical
  Scenario: RAPIDS would execute a time-travelling query
    When a data engineer plans to count the first snapshot's trips by zone
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate, ShuffleExchange"

  Scenario Outline: A GPU would run <what>
    When a data engineer plans "<query>"
    Then a GPU would run the whole plan, with "<operators>"

    Examples: relational work
      | what           | operators                            | query                                                                  |
      | an aggregation | HashAggregate                        | SELECT zone, count(*), sum(fare), max(tip) FROM trips GROUP BY zone    |
      | a join         | BroadcastHashJoin, BroadcastExchange | SELECT a.trip, b.zone FROM trips a JOIN trips b ON a.trip = b.trip     |
      | a sort         | Sort                                 | SELECT trip, fare FROM trips ORDER BY fare DESC, trip                  |
      | a window       | Window                               | SELECT trip, rank() OVER (PARTITION BY zone ORDER BY fare) FROM trips  |
      | a filter       | Filter                               | SELECT trip FROM trips WHERE fare > 10 AND zone IS NOT NULL            |

    Examples: work on one type
      | what          | operators | query                                                                   |
      | text          | Project   | SELECT upper(zone), length(zone), substring(zone, 1, 2) FROM trips      |
      | dates         | Project   | SELECT year(picked_up_at), date_add(date(picked_up_at), 7) FROM trips   |
      | decimals      | Project   | SELECT fare * 1.2BD, fare + tip FROM trips                              |

  Scenario: A GPU would read what was written before the columns changed
    Given the table was altered by "RENAME COLUMN fare TO price"
    And the table was altered by "ADD COLUMN toll double"
    And the table was altered by "ALTER COLUMN passengers TYPE bigint"
    When a data engineer plans "SELECT zone, sum(price), count(toll), max(passengers) FROM trips GROUP BY zone"
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate"

  Scenario: A time without a time zone keeps its whole scan on the CPU
    When a data engineer plans "SELECT trip, local_time FROM trips"
    Then the CPU would run "BatchScan" because "TimestampNTZType"

  Scenario: An operation that may differ from Spark's own is left to the CPU unless a setting allows it
    Given a data engineer has run "SET spark.rapids.sql.incompatibleOps.enabled = false"
    When a data engineer plans "SELECT upper(zone) FROM trips"
    Then RAPIDS would have the CPU compute "Upper" because "not 100% compatible with the Spark version"

  Scenario: RAPIDS knows the settings of the GPU preset
    When the platform operator asks RAPIDS for its settings
    Then RAPIDS has every setting of the gpu preset
    And RAPIDS has no setting "spark.rapids.sql.concurentGpuTasks"

  Scenario: A table's metadata is read by the CPU
    When a data engineer plans to count the table's snapshots
    Then the CPU would run "BatchScan" because "scan is a metadata scan"

  Scenario: Work that RAPIDS has no operator for is left to the CPU, with the reason and the right answer
    When a data engineer plans "SELECT mode(trip DIV 1000), count(DISTINCT trip) FROM trips"
    Then the CPU would run "ObjectHashAggregate" because "not all expressions can be replaced"
    And the planned query gives 0 and 1000

  Scenario: A function that RAPIDS does not support is reported
    When a data engineer plans "SELECT soundex(zone) FROM trips"
    Then RAPIDS reports "SoundEx" as not supported
