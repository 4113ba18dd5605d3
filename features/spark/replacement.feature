@connect
Feature: What fails is replaced
  Nodes are drained and programs are killed. A team's query still gets its right answer, and what belonged to a driver
  never outlives it.

  Scenario Outline: The work of a killed executor is done again on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the platform operator kills an executor at work
    Then the work gives the right answer
    And the tasks that were lost were done again

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: An executor that is told to go finishes its work on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the platform operator tells an executor at work to go
    Then the work gives the right answer
    And no task was lost

    Examples: Spark <version>
      | version |
      | every   |

  @serial @critical
  Scenario Outline: A killed driver of Spark <version> comes back, and its executors go with it
    Given a lakehouse platform on Spark <version>
    And an executor of the platform
    When the platform operator kills the driver
    And a data engineer runs "SELECT sum(id) FROM range(0, 100, 1, 2)" in a new session
    Then the answer is the single value 4950
    And its executors go with it

    Examples: Spark <version>
      | version |
      | every   |
