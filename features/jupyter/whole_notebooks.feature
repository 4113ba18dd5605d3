@jupyter @connect @cpu.0.5 @memory.1Gi
Feature: Whole notebooks
  A data engineer hands a notebook on, and somebody else runs it from top to bottom with parameters of their own. Its
  cells check what they show, a cell that fails fails the run, and nothing of the notebook stays on Spark.

  @critical @iceberg
  Scenario: A notebook that travels in time runs from top to bottom
    Given a workbench platform
    When a data engineer runs the "time travel" notebook with 100 trips and 20 more
    Then all of its cells run, and print "100 trips, then 120; 12375.0 altogether"
    And the notebook's session on Spark is closed

  @iceberg
  Scenario: Other parameters give other answers
    Given a workbench platform
    When a data engineer runs the "time travel" notebook with 7 trips and 3 more
    Then all of its cells run, and print "7 trips, then 10; 52.5 altogether"

  @critical
  Scenario: A cell that breaks fails the run and is shown
    Given a workbench platform
    When a data engineer runs the "wrong column" notebook with 10 rows
    Then the notebook fails and shows "UNRESOLVED_COLUMN", after it printed "the sum is 45" alone
    And the notebook's session on Spark is closed

  @gpu @requires.gpu @rapids @limit.1200
  Scenario: A notebook's query runs on the GPU
    Given a GPU-workbench platform
    When a data engineer runs the "on gpu" notebook with 100000 rows
    Then all of its cells run, and print "7 remainders"
    And RAPIDS executed the notebook's query, with "Range, HashAggregate" on the GPU

  @gpu @submit @rapids
  Scenario: A query like the notebook's is planned for a GPU where there is none, in a driver of its own
    Given a GPU-planning platform
    When a data engineer plans "SELECT id % 7 AS remainder, sum(id) AS total FROM range(100000) GROUP BY id % 7"
    Then a GPU would run the whole plan, with "Range, HashAggregate"
