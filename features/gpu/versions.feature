@gpu @iceberg @submit
Feature: GPUs and the versions of Spark
  RAPIDS supports the versions of Spark that its vendor built it for. A version without support is reported as such, and
  never as working.

  @rapids
  Scenario Outline: RAPIDS would execute a time-travelling query on Spark <version>
    Given a GPU-planning platform on Spark <version>
    And 1000 generated trips in a table
    When a data engineer plans to count the first snapshot's trips by zone
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate, ShuffleExchange"

    Examples: Spark <version>
      | version |
      | every   |

  @spark.4.1.0
  Scenario: RAPIDS that is forced onto a version of Spark reports its plan and that it is forced
    Given a forced-GPU-planning platform on Spark 4.1.0
    And 1000 generated trips in a table
    When a data engineer plans to count the first snapshot's trips by zone
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate, ShuffleExchange"
    And the report says that RAPIDS is forced
