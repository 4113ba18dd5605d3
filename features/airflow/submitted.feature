@airflow @submit @cpu.0.5 @memory.2Gi
Feature: Applications that runs submit
  A task submits an application as a person does from a terminal: its driver runs beside the task, or in a pod of its own.
  The task ends as the application ended, with the words of Spark where it failed; and a cancelled run takes the
  application with it, since nobody would know of it any more.

  Background:
    Given an orchestration platform

  @critical
  Scenario Outline: A run submits an application in <mode> mode
    When a data engineer has a run submit the "word count" application in <mode> mode
    Then the run succeeds
    And its driver ended with exit code 0, as Spark's history says
    And a data engineer finds in its table
      | word     | times |
      | to       | 2     |
      | be       | 2     |
      | or       | 1     |
      | not      | 1     |
      | that     | 1     |
      | is       | 1     |
      | the      | 1     |
      | question | 1     |

    Examples: where drivers run
      | mode    |
      | cluster |
      | client  |

  Scenario Outline: An application that fails in <mode> mode fails its task with Spark's own words
    When a data engineer has a run submit the "wrong order" application in <mode> mode
    Then the run fails at "submit" after 1 tries because "Order 7 has no amount."
    And its driver ended with exit code 1, as Spark's history says

    Examples: where drivers run
      | mode    |
      | cluster |
      | client  |

  Scenario Outline: A cancelled run leaves no application in <mode> mode
    When a data engineer cancels a run that submitted the "patient sum" application in <mode> mode
    Then no pod of the application is left within a minute

    Examples: where drivers run
      | mode    |
      | cluster |
      | client  |
