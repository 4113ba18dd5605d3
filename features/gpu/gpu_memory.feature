@gpu @requires.gpu @rapids @processes @limit.1200
Feature: A GPU with little memory
  A GPU has a tenth of a node's memory, and data can be larger than that. Work that does not fit is retried in smaller
  parts or spilled to the node's memory. It is slower, and no row is lost.

  Scenario: Work that does not fit into the GPU's memory still succeeds
    Given a low-memory-GPU-lakehouse platform
    And 20000000 generated trips in a table
    When a data engineer has a GPU run "SELECT max(place), max(zone), max(time_zone), max(picked_up_at), sum(tip) FROM (SELECT *, rank() OVER (ORDER BY fare DESC, trip) place FROM trips)"
    Then the GPU ran out of memory, and the answer is right
