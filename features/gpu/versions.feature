@gpu @iceberg @submit
Feature: GPUs and the versions of Spark
  RAPIDS knows the versions of Spark that its vendor built it for. What it cannot run on is said, and never taken for
  something that works.

  @rapids
  Scenario Outline: RAPIDS would execute a time-travelling query on Spark <version>
    Given a GPU-planning platform on Spark <version>
    And 1000 generated trips in a table
    When a data engineer plans to count the first snapshot's trips by zone
    Then a GPU would run all of it, and in it "BatchScan, HashAggregate, ShuffleExchange"

    Examples: Spark <version>
      | version |
      | every   |

  @spark.4.1.0
  Scenario: Whoever forces RAPIDS onto a version is told what that would execute, and that it is forced
    Given a forced-GPU-planning platform on Spark 4.1.0
    And 1000 generated trips in a table
    When a data engineer plans to count the first snapshot's trips by zone
    Then a GPU would run all of it, and in it "BatchScan, HashAggregate, ShuffleExchange"
    And the report says that RAPIDS is forced
