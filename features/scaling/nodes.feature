@autoscaling @requires.node-autoscaler @serial @cpu.0.2 @memory.512Mi
Feature: Nodes that come and go
  An autoscaler of nodes buys what waits for room and gives back what nobody uses. Executors may be moved and their nodes
  taken back. A driver may not, because all its sessions end with it.

  @critical
  Scenario: Executors that wait bring a spot node of the size that they need, and it goes after them
    Given a cost-optimized platform
    And a pool of "spot" nodes
    When a data engineer starts a query for 2 executors
    Then 2 executors are on new nodes within 20 seconds
    And the nodes are "spot" and "standard.small"
    And the nodes go when the query has ended

  Scenario: Beyond the limit of their pool, executors wait
    Given a cost-optimized platform
    And a pool of "spot" nodes with 2 cores at most
    When a data engineer starts a query for 2 executors
    Then Karpenter says "exceed limits" of the 2 executors, and buys nothing

  Scenario: A spot node that is taken back is empty before its deadline
    Given a cost-optimized platform
    And a pool of "spot" nodes
    And a query for 2 executors under way
    And 2 executors on new nodes
    When the provider takes back the node of an executor
    Then no pod is left on it at its deadline

  Scenario: A driver stays though its node has room that nobody uses
    Given a lakehouse platform
    And a pool of "on-demand" nodes
    And a copy of the driver on it, beside work for 12 cores
    When the work beside it ends
    Then the copy of the driver stays where it is

  Scenario: A driver without the charts' protection is moved, and ends
    Given a lakehouse platform
    And a pool of "on-demand" nodes
    And a copy of the driver without protection on it, beside work for 12 cores
    When the work beside it ends
    Then the copy of the driver is evicted
