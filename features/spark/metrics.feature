@connect
Feature: Metrics
  Metrics show problems of a platform before users report them. Every program serves its metrics in Prometheus' format
  at the endpoint that the platform's monitors name, and each endpoint is scraped only once.

  Scenario Outline: Driver and executors of Spark <version> serve metrics
    Given a lakehouse platform on Spark <version>
    And an executor of the platform
    When Prometheus scrapes the targets of the platform's monitors
    Then the metric "executor_completedTasks_total" of the connect component is at least 1
    And the metric "driver_BlockManager_memory_maxMem_MB_Value" of the connect component is at least 1

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

  @standalone
  Scenario: Master and workers serve metrics
    Given a standalone platform
    And an executor of the platform
    When Prometheus scrapes the targets of the platform's monitors
    Then the metric "master_aliveWorkers_Value" of the master component is at least 1
    And the metric "worker_executors_Value" of the worker component is at least 1
