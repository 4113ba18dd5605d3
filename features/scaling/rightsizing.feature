@submit @autoscaling
Feature: Rightsizing
  Executors that are too small spill their work to disk; those that are too large cost money for nothing. The calculator
  (scripts/rightsizing_calculator.py) advises a size from a run that was measured. Its advice is right if the same work
  then stays in memory, and does not with much less.

  Background:
    Given a lakehouse platform

  @critical
  Scenario: Work stays in the memory that the calculator advises
    Given the calculator's advice from a run of the "sort" application with plenty of memory
    When the data team submits the "sort" application with the advised memory
    Then the application succeeds
    And executors did the application's work
    And its work stayed in memory
    And its result is that of the measured run

  Scenario: Work spills with three quarters of the memory that the calculator advises
    Given the calculator's advice from a run of the "sort" application with plenty of memory
    When the data team submits the "sort" application with three quarters of the advised memory
    Then the application succeeds
    And its work was spilled to disk

  Scenario: A run that spilled is enough to find a size that is large enough
    Given the calculator's advice from a run of the "sort" application with too little memory
    When the data team submits the "sort" application with the advised memory
    Then the application succeeds
    And its work stayed in memory
