@submit
Feature: Submitted applications
  A data team submits its nightly work from a pod. Its scheduler reads the exit code, so a failed application must not
  look like a successful one.

  @critical
  Scenario Outline: An application runs in <mode> mode on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the data team submits the "word count" application in <mode> mode
    Then the application succeeds
    And the application's result is
      | word     | times |
      | to       | 2     |
      | be       | 2     |
      | or       | 1     |
      | not      | 1     |
      | that     | 1     |
      | is       | 1     |
      | the      | 1     |
      | question | 1     |

    @spark.3.5.7
    Examples: the oldest
      | version | mode    |
      | 3.5.7   | cluster |
      | 3.5.7   | client  |

    @spark.3.5.8
    Examples: the last of 3.5
      | version | mode    |
      | 3.5.8   | cluster |
      | 3.5.8   | client  |

    @spark.4.1.0
    Examples: the first of 4.1
      | version | mode    |
      | 4.1.0   | cluster |
      | 4.1.0   | client  |

    @spark.4.1.1
    Examples: the newest
      | version | mode    |
      | 4.1.1   | cluster |
      | 4.1.1   | client  |

  Scenario Outline: A failing application is reported as failed in <mode> mode on Spark <version>
    Given a lakehouse platform on Spark <version>
    When the data team submits the "failing" application in <mode> mode
    Then the application fails with exit code 7

    @spark.3.5.7
    Examples: the oldest
      | version | mode    |
      | 3.5.7   | cluster |
      | 3.5.7   | client  |

    @spark.3.5.8
    Examples: the last of 3.5
      | version | mode    |
      | 3.5.8   | cluster |
      | 3.5.8   | client  |

    @spark.4.1.0
    Examples: the first of 4.1
      | version | mode    |
      | 4.1.0   | cluster |
      | 4.1.0   | client  |

    @spark.4.1.1
    Examples: the newest
      | version | mode    |
      | 4.1.1   | cluster |
      | 4.1.1   | client  |
