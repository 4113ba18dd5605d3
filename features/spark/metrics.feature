@connect
Feature: Metrics
  Metrics show problems of a platform before users report them. Spark's drivers, masters and workers serve theirs in
  Prometheus' format at the endpoint that the platform's monitors name, and no two monitors name one endpoint. They are
  read here without a Prometheus.

  Scenario Outline: Driver and executors of Spark <version> serve metrics
    Given a lakehouse platform on Spark <version>
    And an executor of the platform
    When the platform operator reads the targets of the platform's monitors
    Then the metric "executor_completedTasks_total" of the connect component is at least 1
    And the metric "driver_BlockManager_memory_maxMem_MB_Value" of the connect component is at least 1

    Examples: Spark <version>
      | version |
      | every   |

  @standalone
  Scenario: Master and workers serve metrics
    Given a standalone platform
    And an executor of the platform
    When the platform operator reads the targets of the platform's monitors
    Then the metric "master_aliveWorkers_Value" of the master component is at least 1
    And the metric "worker_executors_Value" of the worker component is at least 1
