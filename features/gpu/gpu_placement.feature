@gpu @requires.simulated-nodes @lock.gpu-nodes @cpu.0.1 @memory.256Mi
Feature: Executors and GPU nodes
  GPUs are the most expensive part of a cluster. Each executor gets a GPU of its own, on a node that is reserved for
  such work. If no GPU is free, the user learns what is missing.

  Background:
    Given a GPU platform

  @critical
  Scenario: Executors go to GPU nodes only
    Given these simulated nodes
      | nodes | type                  |
      | 2     | NVIDIA GPU            |
      | 1     | broken NVIDIA GPU     |
      | 1     | unlabelled NVIDIA GPU |
      | 1     | AMD GPU               |
    When a data engineer starts a query for 3 executors
    Then for 1 of the executors the scheduler says "Insufficient nvidia.com/gpu"
    And the "NVIDIA GPU" nodes take 2 of the executors

  @critical @smoke
  Scenario: An executor that finds no GPU waits, and the scheduler says why
    Given these simulated nodes
      | nodes | type              |
      | 1     | NVIDIA GPU        |
      | 1     | broken NVIDIA GPU |
    When a data engineer starts a query for 2 executors
    Then for 1 of the executors the scheduler says "Insufficient nvidia.com/gpu"
    And the "NVIDIA GPU" nodes take 1 of the executors

  Scenario: A query that gets no GPU times out with the reason
    Given these simulated nodes
      | nodes | type              |
      | 1     | broken NVIDIA GPU |
    When a data engineer starts a query for one executor
    Then the query times out with "Insufficient nvidia.com/gpu"

  Scenario: An executor that waited gets the GPU of a node that joins
    Given these simulated nodes
      | nodes | type       |
      | 1     | NVIDIA GPU |
    And a query for 2 executors under way
    And the "NVIDIA GPU" nodes have taken 1 of the executors
    When a "NVIDIA GPU" node joins
    Then the "NVIDIA GPU" nodes take 2 of the executors

  Scenario: A cordoned GPU node gets no executor
    Given these simulated nodes
      | nodes | type       |
      | 2     | NVIDIA GPU |
    And one of the "NVIDIA GPU" nodes is cordoned
    When a data engineer starts a query for 2 executors
    Then for 1 of the executors the scheduler says "unschedulable"
    And the "NVIDIA GPU" nodes take 1 of the executors

  Scenario: An executor whose GPU node fails is replaced on another
    Given these simulated nodes
      | nodes | type       |
      | 2     | NVIDIA GPU |
    And a query for one executor under way
    And the "NVIDIA GPU" nodes have taken 1 of the executors
    When the node of an executor fails
    Then the "NVIDIA GPU" nodes take 1 of the executors

  Scenario: Executors within the team's quota of GPUs get them
    Given these simulated nodes
      | nodes | type       |
      | 3     | NVIDIA GPU |
    And a quota of 2 GPUs for the team
    When a data engineer starts a query for 2 executors
    Then the "NVIDIA GPU" nodes take 2 of the executors

  Scenario: A team's quota of GPUs is never exceeded, even if more GPUs are free
    Given these simulated nodes
      | nodes | type       |
      | 3     | NVIDIA GPU |
    And a quota of 2 GPUs for the team
    When a data engineer starts a query for 3 executors
    Then the query times out with "exceeded quota"
    And the "NVIDIA GPU" nodes take 2 of the executors
