@submit
Feature: Submitted applications
  A data team submits its nightly work from a pod. Its scheduler reads the exit code, so a failed application must not
  look like a successful one.

  @critical
  Scenario Outline: An application runs in <mode> mode on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the data team submits the "word count" application in <mode> mode
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
      | version | mode    |
      | every   | cluster |
      | every   | client  |

  Scenario Outline: A failing application is reported as failed in <mode> mode on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the data team submits the "failing" application in <mode> mode
    Then the application fails with exit code 7
    And executors did the application's work

    Examples: Spark <version>
      | version | mode    |
      | every   | cluster |
      | every   | client  |

  Scenario Outline: A driver that is killed in <mode> mode leaves no executors
    Given a lakehouse platform
    And its "patient sum" application is at work in <mode> mode
    When the application's driver is killed without notice
    Then within 60 seconds no executor of the application is left
    And its submission does not end as that of an application that succeeds

    Examples: where drivers run
      | mode    |
      | cluster |
      | client  |
