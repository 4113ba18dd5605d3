@connect @cpu.0.5 @memory.2Gi
Feature: What fails is replaced
  Nodes are drained and programs are killed. A query that loses an executor still gets the right answer. One that loses
  its driver ends with it: the driver comes back, answers in a new session, and its earlier executors do not outlive it.

  Scenario Outline: The work of a killed executor is done again on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the platform operator kills a busy executor
    Then the work gives the right answer
    And the lost tasks were run again

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: A decommissioned executor finishes its work on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the platform operator decommissions a busy executor
    Then the work gives the right answer
    And no task was lost

    Examples: Spark <version>
      | version |
      | every   |

  @sole-user @critical
  Scenario Outline: A killed driver of Spark <version> restarts, and its executors are removed
    Given a lakehouse platform on Spark <version>
    And an executor of the platform
    When the platform operator kills the driver
    And a data engineer runs "SELECT sum(id) FROM range(0, 100, 1, 2)" in a new session
    Then the answer is the single value 4950
    And the executors of the killed driver are removed

    Examples: Spark <version>
      | version |
      | every   |
