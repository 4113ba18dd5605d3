@gpu @requires.simulated-nodes @lock.gpu-nodes @cpu.0.1 @memory.256Mi
Feature: Spot GPUs
  A spot GPU, which its provider may reclaim at any time, costs a third. Executors may be lost, because Spark replaces
  them. The driver may not be lost, because all sessions end with it.

  @critical
  Scenario: Spot nodes are for executors and never for the driver
    Given these simulated nodes
      | nodes | type            |
      | 2     | spot NVIDIA GPU |
      | 1     | NVIDIA GPU      |
      | 1     | spot            |
    And a cost-optimized-GPU platform
    When a data engineer starts a query for 2 executors
    Then the "spot NVIDIA GPU" nodes take 2 of the executors
    And the driver cannot run on the "spot" nodes

  Scenario: When the last spot node is reclaimed, its executor does not move to a more expensive node
    Given these simulated nodes
      | nodes | type            |
      | 1     | spot NVIDIA GPU |
      | 1     | NVIDIA GPU      |
    And a cost-optimized-GPU platform
    And a query for one executor under way
    And the "spot NVIDIA GPU" nodes have taken 1 of the executors
    When the node of an executor fails
    Then for 1 of the executors the scheduler says "didn't match Pod's node affinity/selector"
