@mlflow @cpu.0.5 @memory.2Gi
Feature: Tracked projects
  A data scientist trusts what MLflow says of a run: how it ended, and with which settings of Spark. So the parameters are
  compared with what Spark itself says of the session, and a run that failed is not tracked as a success.

  @critical @connect
  Scenario Outline: A run over Connect on a <platform> platform is tracked with its session's settings on Spark <version>
    Given a <platform> platform on Spark <version>
    When a data engineer runs the "sum" project with 1000 rows
    Then the run is tracked as finished, with the sum 499500
    And its parameters are the settings of the platform's live sessions, and its own "spark.sql.shuffle.partitions", 7

    Examples: Spark <version>
      | version | platform            |
      | every   | tracking            |
      | every   | standalone-tracking |

  @connect
  Scenario Outline: A run over Connect on a <platform> platform that fails is tracked as failed on Spark <version>
    Given a <platform> platform on Spark <version>
    When a data engineer runs the "missing table" project with 1000 rows
    Then the run is tracked as failed, and its user saw "TABLE_OR_VIEW_NOT_FOUND"

    Examples: Spark <version>
      | version | platform            |
      | every   | tracking            |
      | every   | standalone-tracking |

  # The submitting pod has memory for one project's driver.
  @critical @submit @sole-user
  Scenario Outline: A run submitted on a <platform> platform is tracked with its driver's settings on Spark <version>
    Given a <platform> platform on Spark <version>
    When a data engineer submits the "sum" project with 1000 rows
    Then the run is tracked as finished, with the sum 499500
    And its parameters are the settings that Spark's history has of it

    Examples: Spark <version>
      | version | platform            |
      | every   | tracking            |
      | every   | standalone-tracking |

  @submit @sole-user
  Scenario Outline: A run submitted on a <platform> platform that fails is tracked as failed on Spark <version>
    Given a <platform> platform on Spark <version>
    When a data engineer submits the "missing table" project with 1000 rows
    Then the run is tracked as failed, and its user saw "TABLE_OR_VIEW_NOT_FOUND"

    Examples: Spark <version>
      | version | platform            |
      | every   | tracking            |
      | every   | standalone-tracking |

  @critical @iceberg @connect
  Scenario Outline: A run on an earlier state of a table is tracked with the rows of that state on Spark <version>
    Given a tracking platform on Spark <version>
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |
    When a data engineer runs the "time travel" project on the table as of its first snapshot
    Then the run is tracked as finished, with the rows 2
    And its parameters are the settings of the platform's live sessions

    Examples: Spark <version>
      | version |
      | every   |

  @iceberg @connect
  Scenario Outline: A run on a snapshot that the table does not have is tracked as failed on Spark <version>
    Given a tracking platform on Spark <version>
    And a table of taxi trips
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When a data engineer runs the "time travel" project on the table as of snapshot 1
    Then the run is tracked as failed, and its user saw "Cannot find snapshot with ID 1"

    Examples: Spark <version>
      | version |
      | every   |

  @critical @gpu @connect @requires.gpu @rapids @limit.1200
  Scenario Outline: A run on a GPU is tracked with its session's settings on Spark <version>
    Given a GPU-tracking platform on Spark <version>
    When a data engineer runs the "sum on gpu" project with 1000 rows
    Then the run is tracked as finished, with the sum 499500
    And its parameters are the settings of the platform's live sessions
    And RAPIDS executed the run's query, with "Range, HashAggregate" on the GPU

    Examples: Spark <version>
      | version |
      | every   |

  @gpu @connect @requires.gpu @rapids @limit.1200
  Scenario Outline: A run on a GPU that fails is tracked as failed on Spark <version>
    Given a GPU-tracking platform on Spark <version>
    When a data engineer runs the "missing table" project with 1000 rows
    Then the run is tracked as failed, and its user saw "TABLE_OR_VIEW_NOT_FOUND"

    Examples: Spark <version>
      | version |
      | every   |
