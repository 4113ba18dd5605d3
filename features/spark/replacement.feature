@connect
Feature: What fails is replaced
  Nodes are drained and programs are killed. A team's query still gets the right answer, and the executors of a driver
  never outlive the driver.

  Scenario Outline: The work of a killed executor is done again on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the platform operator kills a busy executor
    Then the work gives the right answer
    And the lost tasks were run again

    @spark.3.5.7
    Examples: the oldest
      | version |
      | 3.5.7   |

    @spark.3.5.8
    Examples: the last of 3.5
      | version |
      | 3.5.8   |

    @spark.4.1.0
    Examples: the first of 4.1
      | version |
      | 4.1.0   |

    @spark.4.1.1
    Examples: the newest
      | version |
      | 4.1.1   |

  Scenario Outline: A decommissioned executor finishes its work on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the platform operator decommissions a busy executor
    Then the work gives the right answer
    And no task was lost

    @spark.3.5.7
    Examples: the oldest
      | version |
      | 3.5.7   |

    @spark.3.5.8
    Examples: the last of 3.5
      | version |
      | 3.5.8   |

    @spark.4.1.0
    Examples: the first of 4.1
      | version |
      | 4.1.0   |

    @spark.4.1.1
    Examples: the newest
      | version |
      | 4.1.1   |

  @serial @critical
  Scenario Outline: A killed driver of Spark <version> restarts, and its executors are removed
    Given a lakehouse platform on Spark <version>
    And an executor of the platform
    When the platform operator kills the driver
    And a data engineer runs "SELECT sum(id) FROM range(0, 100, 1, 2)" in a new session
    Then the answer is the single value 4950
    And the executors of the killed driver are removed

    @spark.3.5.7
    Examples: the oldest
      | version |
      | 3.5.7   |

    @spark.3.5.8
    Examples: the last of 3.5
      | version |
      | 3.5.8   |

    @spark.4.1.0
    Examples: the first of 4.1
      | version |
      | 4.1.0   |

    @spark.4.1.1
    Examples: the newest
      | version |
      | 4.1.1   |
