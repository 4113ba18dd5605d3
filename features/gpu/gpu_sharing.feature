@gpu @requires.simulated-nodes
Feature: GPUs in parts, and of other makers
  A card may be cut into slices or lent in turn, and it need not be NVIDIA's. An executor gets what it asks for, by the
  name under which the nodes offer it, and nothing that has another name.

  @lock.gpu-nodes @cpu.0.1 @memory.256Mi
  Scenario Outline: Executors share a card that is offered as several GPUs: <type>
    Given a GPU platform
    And these simulated nodes
      | nodes | type |
      | 1     | <type> |
    When a data engineer starts a query for 3 executors
    Then the "<type>" nodes take 3 of the executors

    Examples: slices with memory of their own, and turns
      | type            |
      | NVIDIA MIG         |
      | NVIDIA time-sliced |

  @lock.gpu-nodes @cpu.0.1 @memory.256Mi
  Scenario Outline: A part of a GPU goes only to who asks for it by its name: <type>
    Given a GPU platform
    And these simulated nodes
      | nodes | type |
      | 1     | <type> |
    When a data engineer starts a query for one executor
    Then for 1 of the executors the scheduler says "Insufficient nvidia.com/gpu"
    And a copy of the executor that asks for "<resource>" instead is taken by the "<type>" nodes

    Examples: parts that their nodes offer by size and by kind
      | type                      | resource               |
      | NVIDIA MIG by size           | nvidia.com/mig-1g.10gb |
      | NVIDIA time-sliced as shared | nvidia.com/gpu.shared  |

  @cpu.0.4 @memory.2Gi
  Scenario Outline: Executors may ask for GPUs of another maker: <type>
    Given these simulated nodes
      | nodes | type |
      | 1     | <type> |
    And a data team with a platform of its own that <asks>
    When a data engineer starts a query for one executor
    Then the "<type>" nodes take 1 of the executors

    Examples: makers that Spark knows by the name of their resource
      | asks                | type   |
      | asks for AMD GPUs   | AMD GPU   |
      | asks for Intel GPUs | Intel GPU |
