@submit @requires.spark-operator @cpu.0.5 @memory.4Gi
Feature: Applications that the Spark Operator runs
  Many teams come from Kubeflow's Spark Operator with SparkApplications of their own. The operator knows no platform: it
  is told the platform's image, catalogs and accounts, so that everybody finds the tables, and no application may do more
  than one that is submitted from a pod.

  @critical
  Scenario Outline: A SparkApplication does its work as the platform's own applications do on Spark <version>
    Given a lakehouse platform on Spark <version>
    And the Spark Operator serves the team
    When the data team applies the "word count" SparkApplication
    Then the application succeeds
    And executors did the application's work
    And its driver and its executors ran as the platform's accounts
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

    @spark.4.1.1
    Examples: the version with which the operator submits
      | version |
      | 4.1.1   |

    @spark.4.1.0
    Examples: an earlier version than that
      | version |
      | 4.1.0   |

  Scenario Outline: Everybody finds what a SparkApplication writes into the <catalog> catalog
    Given a lakehouse platform
    And the Spark Operator serves the team
    When the data team applies the "word count" SparkApplication for the <catalog> catalog
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

    Examples: catalogs that ask for keys or for a password
      | catalog |
      | rest    |
      | jdbc    |

  Scenario: A SparkApplication whose program fails has failed, and its driver keeps Spark's words
    Given a lakehouse platform
    And the Spark Operator serves the team
    When the data team applies the "wrong order" SparkApplication
    Then the application fails with exit code 1
    And its status says "driver container failed with ExitCode: 1"
    And its driver says "Order 7 has no amount."

  Scenario: A SparkApplication that cannot be submitted fails with Spark's own words
    Given a lakehouse platform
    And the Spark Operator serves the team
    When the data team applies the "lots of memory" SparkApplication
    Then its status says "Driver memory must be a positive number"
    And it has started no pod

  Scenario: The operator leaves alone the SparkApplications of a team that it does not serve, and tables do not mix
    Given a data team with a platform of its own that submits applications
    And a second platform that submits applications in another team's namespace
    And a data engineer of the team
    And the Spark Operator serves the team
    And the second team has applied the "word count" SparkApplication, and nobody serves it
    When the data team applies the "word count" SparkApplication
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
    But the second team's SparkApplication is as it was applied
    And the second platform does not know the application's table
