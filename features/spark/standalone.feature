@standalone
Feature: Spark standalone
  A team that wants its own permanent workers runs its sessions and applications on a standalone cluster.

  @critical
  Scenario Outline: Workers of Spark <version> run a team's sessions
    Given a standalone platform on Spark <version>
    When a data engineer runs "SELECT sum(id) FROM range(0, 100000, 1, 4)"
    Then the answer is the single value 4999950000
    And executors did the work
    And the standalone cluster runs the platform's sessions

    Examples: Spark <version>
      | version |
      | every   |

  @submit
  Scenario Outline: An application runs on workers of Spark <version>
    Given a standalone platform on Spark <version>
    When the data team submits the "word count" application in client mode
    Then the application succeeds
    And executors did the application's work
    And the application's result is
      | word     | times |
      | to       | 2     |
      | be       | 2     |
      | or       | 1     |
      | not      | 1     |
      | that     | 1     |
      | is       | 1     |
      | the      | 1     |
      | question | 1     |

    Examples: Spark <version>
      | version |
      | every   |

  @submit
  Scenario Outline: A failing application is reported as failed on workers of Spark <version>
    Given a standalone platform on Spark <version>
    When the data team submits the "failing" application in client mode
    Then the application fails with exit code 7
    And executors did the application's work

    Examples: Spark <version>
      | version |
      | every   |

  @sole-user
  Scenario: The work of a killed worker is done again
    Given a standalone platform
    When the platform operator kills a busy executor
    Then the work gives the right answer
    And the lost tasks were run again

  @sole-user
  Scenario: A decommissioned worker finishes its work
    Given a standalone platform
    When the platform operator decommissions a busy executor
    Then the work gives the right answer
    And no task was lost

  @sole-user
  Scenario: A killed master comes back and knows its workers and applications
    Given a standalone platform
    When the platform operator kills the master
    Then 2 workers take work
    And the standalone cluster runs the platform's sessions
