@standalone @submit @autoscaling @requires.keda @lock.elastic-standalone
Feature: Workers that follow applications
  Workers of a standalone cluster cost money while they wait. With KEDA they come when an application waits and go when
  none is left. Whoever takes some of them away does not know which are busy, so that none goes while there is work.

  @critical
  Scenario: Workers come for an application that waits, and go after it
    Given an elastic-standalone platform
    And the standalone cluster has no workers
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
    And a worker came within 15 seconds
    And the workers go within 15 seconds after their cooldown

  Scenario: Each application that waits brings a worker, and none goes before their work is done
    Given an elastic-standalone platform
    And the standalone cluster has no workers
    When the data team submits 2 "patient sum" applications at once
    Then each of them finds the sum 66
    And 2 workers came
    And no worker went before the applications had ended

  Scenario: However many applications wait, there are no more workers than there may be
    Given an elastic-standalone platform
    And the standalone cluster has no workers
    When the data team submits 3 "patient sum" applications at once
    Then each of them finds the sum 66
    And there were never more workers than there may be, though more applications waited

  @sole-user
  Scenario: Nobody takes workers away while applications cannot be counted
    Given an elastic-standalone platform
    And workers that have just ended the "word count" application
    When the platform operator stops the master
    Then the workers stay, and KEDA says that it cannot count applications
    And they go when there is a master again

  Scenario: A second autoscaler of the same workers is refused
    Given an elastic-standalone platform
    When the platform operator has a second autoscaler follow applications for the same workers
    Then the second autoscaler is refused because "already managed by the ScaledObject"
