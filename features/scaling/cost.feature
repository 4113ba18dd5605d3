@submit @autoscaling
Feature: Cost
  A spot node costs a fraction of another one, and its provider may take it back at any time. The work that is lost with
  it is done again, and paid for again. How much is saved after all is measured with the calculator
  (scripts/cost_calculator.py), which takes hours from Spark and prices from a list. 50 to 70 % are claimed; how much work
  is lost is chance, so the criterion asks for 40 % and says what it was.

  @critical
  Scenario: Executors on spot nodes save money, although some are taken back with their work
    Given a lakehouse platform
    And the "patient sum" application has run on executors that stay
    When the data team submits the "patient sum" application, and 2 of its executors are taken back
    Then the application succeeds
    And its result is that of the application whose executors stayed
    And the work that was lost with 2 executors was done again
    And spot nodes cost at least 40 % less than on-demand ones
