@connect
Feature: Every Spark version
  A team chooses its Spark version with one setting. The behaviour that its users rely on is the same on each version.

  Scenario Outline: Executors of Spark <version> give the right answer
    Given a lakehouse platform on Spark <version>
    When a data engineer runs "SELECT sum(id) FROM range(0, 100000, 1, 4)"
    Then the answer is the single value 4999950000
    And executors did the work
    And the driver owns its executors

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

  Scenario Outline: Client and server are both Spark <version>
    Given a lakehouse platform on Spark <version>
    When a data engineer runs "SELECT substring_index(version(), ' ', 1)"
    Then the answer is the single value "<version>"
    And the answer is the version that the client has

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
