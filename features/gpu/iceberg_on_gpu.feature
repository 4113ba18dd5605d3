@gpu @iceberg @connect @requires.gpu @smoke
Feature: Iceberg on the GPU
  Time travel is worth its price only when it is fast: where the platform has a GPU, RAPIDS executes it.

  @critical
  Scenario: RAPIDS executes a time-travelling query
    Given a GPU node and an Iceberg catalog
    When a data engineer time-travels
    Then RAPIDS executes the query
