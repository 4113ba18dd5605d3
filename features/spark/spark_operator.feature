@submit @requires.spark-operator @cpu.0.5 @memory.4Gi
Feature: Applications that the Spark Operator runs
  Many teams come from Kubeflow's Spark Operator with SparkApplications of their own. The operator knows no platform: it
  is told the platform's image, catalogs and accounts, so that everybody finds the tables, and no application may do more
  than one that is submitted from a pod: what any pod of its namespace may, with each account and each Secret of it, and
  with none of another's.

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

  @critical
  Scenario: A SparkApplication can do no more than the account that it names
    Given a lakehouse platform
    And the Spark Operator serves the team
    When the data team applies the "as an executor" SparkApplication
    Then the application fails with exit code 1
    And its driver says "cannot get resource"

  @critical
  Scenario: A SparkApplication that names an account of another team starts no pod
    Given a lakehouse platform
    And the Spark Operator serves the team
    And another team with the account "treasurer" and the Secret "treasure"
    When the data team applies the "as an account of another team" SparkApplication
    Then its status says "error looking up service account"
    And it has started no pod

  @critical
  Scenario: A SparkApplication that names a Secret of another team does not begin
    Given a lakehouse platform
    And the Spark Operator serves the team
    And another team with the account "treasurer" and the Secret "treasure"
    When the data team applies the "with a secret of another team" SparkApplication, and looks at its driver
    Then its driver cannot begin for want of the Secret "treasure"

  Scenario: A SparkApplication gets a Secret of its own namespace that it names
    Given a lakehouse platform
    And the Spark Operator serves the team
    When the data team applies the "with a secret of its team" SparkApplication
    Then the application succeeds
    And its driver had the Secret "postgres/rest"

  @critical
  Scenario: The house's rules refuse a SparkApplication that is to run in another team's namespace
    Given a team whose namespace enforces the house's rules
    When the team requests the "runs in another namespace" SparkApplication
    Then the request is refused by the house's rules because of "A SparkApplication runs in its own namespace"

  Scenario: The house's rules let a SparkApplication pass that runs where it is
    Given a team whose namespace enforces the house's rules
    When the team requests the "runs where it is" SparkApplication
    Then the request is admitted

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
