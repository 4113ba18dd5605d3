@airflow @gpu @iceberg @limit.1200
Feature: Runs of DAGs and GPUs
  A data team's runs query Iceberg tables. Where there is no GPU, the application that a run submits has RAPIDS plan the
  query, which shows what a GPU would run of it, and executors answer it on the CPU. Where there is a GPU, RAPIDS executes
  the query of a run, and the CPU gives the same answer.

  @submit @critical
  Scenario Outline: A GPU would run a run's query on an Iceberg table: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And 1000 generated trips in a table
    When a data engineer has a run plan "SELECT zone, count(*) AS trips, sum(fare) AS fares FROM trips GROUP BY zone"
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate"
    And the run wrote the right answer

    @spark.4.1.1 @rapids
    Examples: the version that RAPIDS has a shim for
      | platform                   | version |
      | GPU-planning-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                          | version |
      | forced-GPU-planning-orchestration | 4.1.0   |

  @submit
  Scenario Outline: A GPU would run a run's time travel: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And half of the generated trips in a table partitioned by "zone"
    And the other half was added later
    When a data engineer has a run plan to count the first snapshot's trips by zone
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate"
    And the run wrote the right answer

    @spark.4.1.1 @rapids
    Examples: the version that RAPIDS has a shim for
      | platform                   | version |
      | GPU-planning-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                          | version |
      | forced-GPU-planning-orchestration | 4.1.0   |

  @submit
  Scenario Outline: A GPU would run a run's query on a table whose columns changed: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And 1000 generated trips in a table
    And the table was altered by "RENAME COLUMN fare TO price"
    And the table was altered by "ADD COLUMN toll double"
    And the table was altered by "ALTER COLUMN passengers TYPE bigint"
    When a data engineer has a run plan "SELECT zone, sum(price) AS sum, count(toll) AS tolls, max(passengers) AS most FROM trips GROUP BY zone"
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate"
    And the run wrote the right answer

    @spark.4.1.1 @rapids
    Examples: the version that RAPIDS has a shim for
      | platform                   | version |
      | GPU-planning-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                          | version |
      | forced-GPU-planning-orchestration | 4.1.0   |

  @submit
  Scenario Outline: One report shows RAPIDS' plan and Iceberg's metrics of a run's query: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And half of the generated trips in a table partitioned by "zone"
    And the other half was added later
    When a data engineer has a run plan "SELECT sum(fare) AS fares, count(*) AS trips FROM trips WHERE zone = 'Soho'"
    Then a GPU would run the whole plan, with "BatchScan, HashAggregate"
    And the report shows the files that Iceberg chose for it
    And the run wrote the right answer

    @spark.4.1.1 @rapids
    Examples: the version that RAPIDS has a shim for
      | platform                   | version |
      | GPU-planning-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                          | version |
      | forced-GPU-planning-orchestration | 4.1.0   |

  @rapids @submit
  Scenario: What a GPU would not run of a run's query is reported, and the answer is right
    Given a GPU-planning-orchestration platform
    And 1000 generated trips in a table
    When a data engineer has a run plan "SELECT mode(trip DIV 1000) AS most, count(DISTINCT trip) AS trips FROM trips"
    Then the CPU would run "ObjectHashAggregate" because "not all expressions can be replaced"
    And the run wrote the right answer

  @requires.gpu @connect
  Scenario Outline: RAPIDS executes a run's query on an Iceberg table: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And 100000 generated trips in a table
    When a data engineer has a run ask "SELECT zone, count(*) AS trips FROM trips GROUP BY zone"
    Then RAPIDS executes the run's query, with "BatchScan, HashAggregate" on the GPU

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform          | version |
      | GPU-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                 | version |
      | forced-GPU-orchestration | 4.1.0   |

  @requires.gpu @connect
  Scenario Outline: RAPIDS executes a run's time travel: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And half of the generated trips in a table partitioned by "zone"
    And the other half was added later
    When a data engineer has a run count the first snapshot's trips by zone
    Then RAPIDS executes the run's query, with "BatchScan, HashAggregate" on the GPU

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform          | version |
      | GPU-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                 | version |
      | forced-GPU-orchestration | 4.1.0   |

  @requires.gpu @connect
  Scenario Outline: RAPIDS executes a run's query on a table whose columns changed: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And 100000 generated trips in a table
    And the table was altered by "RENAME COLUMN fare TO price"
    And the table was altered by "ADD COLUMN toll double"
    And the table was altered by "ALTER COLUMN passengers TYPE bigint"
    When a data engineer has a run ask "SELECT zone, count(price) AS prices, count(toll) AS tolls, max(passengers) AS most FROM trips GROUP BY zone"
    Then RAPIDS executes the run's query, with "BatchScan, HashAggregate" on the GPU

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform          | version |
      | GPU-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                 | version |
      | forced-GPU-orchestration | 4.1.0   |

  @requires.gpu @connect
  Scenario Outline: One report shows the metrics of GPU and Iceberg of a run's query: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And half of the generated trips in a table partitioned by "zone"
    And the other half was added later
    When a data engineer has a run ask "SELECT count(fare) AS fares, count(*) AS trips FROM trips WHERE zone = 'Soho'"
    Then RAPIDS executes the run's query, with "BatchScan, HashAggregate" on the GPU
    And the report shows the metrics of GPU and Iceberg for the run's query

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform          | version |
      | GPU-orchestration | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform                 | version |
      | forced-GPU-orchestration | 4.1.0   |
