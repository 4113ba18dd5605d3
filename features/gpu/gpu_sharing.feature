@gpu @requires.simulated-nodes
Feature: Shared GPUs, and GPUs of other vendors
  A GPU can be divided into slices or shared in turns (time-slicing), and it can be of another vendor than NVIDIA. Nodes
  offer each kind under a resource name. An executor gets what it requests by this name, and nothing of another name.

  @lock.gpu-nodes @cpu.0.1 @memory.256Mi
  Scenario Outline: Executors share a card that is offered as several GPUs: <type>
    Given a GPU platform
    And these simulated nodes
      | nodes | type   |
      | 1     | <type> |
    When a data engineer starts a query for 3 executors
    Then the "<type>" nodes take 3 of the executors

    Examples: slices with memory of their own, and time-slicing
      | type               |
      | NVIDIA MIG         |
      | NVIDIA time-sliced |

  @lock.gpu-nodes @cpu.0.1 @memory.256Mi
  Scenario Outline: A part of a GPU goes only to an executor that requests it by its resource name: <type>
    Given a GPU platform
    And these simulated nodes
      | nodes | type   |
      | 1     | <type> |
    When a data engineer starts a query for one executor
    Then for 1 of the executors the scheduler says "Insufficient nvidia.com/gpu"
    And the "<type>" nodes take a copy of the executor that requests "<resource>" instead

    Examples: parts that their nodes offer by size and by kind
      | type                         | resource               |
      | NVIDIA MIG by size           | nvidia.com/mig-1g.10gb |
      | NVIDIA time-sliced as shared | nvidia.com/gpu.shared  |

  @cpu.0.4 @memory.2Gi
  Scenario Outline: Executors can request GPUs of another vendor: <type>
    Given these simulated nodes
      | nodes | type   |
      | 1     | <type> |
    And a data team with a platform of its own that <asks>
    When a data engineer starts a query for one executor
    Then the "<type>" nodes take 1 of the executors

    Examples: vendors whose resource names Spark knows
      | asks                | type      |
      | asks for AMD GPUs   | AMD GPU   |
      | asks for Intel GPUs | Intel GPU |
