@gpu @iceberg @connect @requires.gpu @processes @limit.1200
Feature: Iceberg on the GPU
  Time travel is useful only if it is fast, so RAPIDS executes it on a platform with a GPU. Three proofs show this: the
  executed plan has GPU operators, the CPU gives the same answer, and samples of the hardware show that the GPU was
  busy.

  @smoke @critical @rapids
  Scenario: RAPIDS executes a time-travelling query
    Given a GPU node and an Iceberg catalog
    When a data engineer time-travels
    Then RAPIDS executes the query

  @rapids
  Scenario: With RAPIDS off, nothing shows a GPU at work
    Given a GPU node and an Iceberg catalog
    And 100000 generated trips in a table
    When a data engineer turns RAPIDS off and runs "SELECT zone, sum(fare) FROM trips GROUP BY zone"
    Then nothing shows a GPU at work

  @critical
  Scenario Outline: RAPIDS executes a query on an Iceberg table: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And 100000 generated trips in a table
    When a data engineer has a GPU run "SELECT zone, count(*), sum(fare) FROM trips GROUP BY zone"
    Then RAPIDS executes the query, with "BatchScan, HashAggregate" on the GPU

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform      | version |
      | GPU-lakehouse | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform             | version |
      | forced-GPU-lakehouse | 4.1.0   |

  @critical
  Scenario Outline: RAPIDS executes time travel: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And half of the generated trips in a table partitioned by "zone"
    And the other half was added later
    When a data engineer has a GPU count the first snapshot's trips by zone
    Then RAPIDS executes the query, with "BatchScan, HashAggregate" on the GPU

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform      | version |
      | GPU-lakehouse | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform             | version |
      | forced-GPU-lakehouse | 4.1.0   |

  Scenario Outline: RAPIDS reads what was written before the columns changed: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And 100000 generated trips in a table
    And the table was altered by "RENAME COLUMN fare TO price"
    And the table was altered by "ADD COLUMN toll double"
    And the table was altered by "ALTER COLUMN passengers TYPE bigint"
    When a data engineer has a GPU run "SELECT zone, sum(price), count(toll), max(passengers) FROM trips GROUP BY zone"
    Then RAPIDS executes the query, with "BatchScan, HashAggregate" on the GPU

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform      | version |
      | GPU-lakehouse | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform             | version |
      | forced-GPU-lakehouse | 4.1.0   |

  Scenario Outline: One report shows the metrics of GPU and Iceberg: <platform> on Spark <version>
    Given a <platform> platform on Spark <version>
    And half of the generated trips in a table partitioned by "zone"
    And the other half was added later
    When a data engineer has a GPU run "SELECT sum(fare), count(*) FROM trips WHERE zone = 'Soho'"
    Then the report shows the metrics of GPU and Iceberg for the query

    @spark.4.1.1
    Examples: the version that RAPIDS has a shim for
      | platform      | version |
      | GPU-lakehouse | 4.1.1   |

    @spark.4.1.0
    Examples: a version that the platform operator forces RAPIDS onto
      | platform             | version |
      | forced-GPU-lakehouse | 4.1.0   |
