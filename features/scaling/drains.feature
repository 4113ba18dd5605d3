@connect @autoscaling
Feature: Drains of nodes
  Nodes are drained for upgrades, and autoscalers empty nodes that cost too much. All sessions end with their server, so a
  drain may not take it while it works. Executors may go at any time: they hand over what they have done.

  @sole-user
  Scenario: Evicting the Connect server is refused by its budget
    Given a lakehouse platform
    And a data engineer has run "CREATE TEMPORARY VIEW mine AS SELECT 7 AS seven"
    When the platform operator evicts the Connect server
    And a data engineer runs "SELECT seven FROM mine"
    Then the eviction is refused by the Connect server's disruption budget
    And the answer is the single value 7

  Scenario: Without its budget, a server that is evicted ends its sessions, and their users are told
    Given a data team with a platform of its own that has no disruption budget
    And a data engineer of the team
    And a data engineer has run "CREATE TEMPORARY VIEW mine AS SELECT 7 AS seven"
    When the platform operator evicts the Connect server
    And a data engineer runs "SELECT seven FROM mine"
    Then the eviction takes place
    And the answer is refused because "Please create a new Spark session"

  @critical
  Scenario: An executor that is evicted hands over, and the answer stays right
    Given a lakehouse platform
    When the platform operator evicts a busy executor
    Then the work gives the right answer
    And the evicted executor handed over its work

  Scenario: An executor that is evicted without notice hands nothing over, and its work is done again
    Given a lakehouse platform
    When the platform operator evicts a busy executor without notice
    Then the work gives the right answer
    And the evicted executor handed nothing over
    And the lost tasks were run again
