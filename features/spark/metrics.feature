@connect
Feature: Metrics
  Trouble shows in a platform's metrics before its users tell of it. Every program tells its own in Prometheus' form,
  where the platform's monitors say, and is asked once.

  Scenario Outline: Driver and executors of Spark <version> tell what they do
    Given a lakehouse platform on Spark <version>
    And an executor of the platform
    When a Prometheus follows the platform's monitors
    Then the connect tells of at least 1 "executor_completedTasks_total"
    And the connect tells of at least 1 "driver_BlockManager_memory_maxMem_MB_Value"

    Examples: Spark <version>
      | version |
      | every   |

  @standalone
  Scenario: Master and workers tell what they do
    Given a standalone platform
    And an executor of the platform
    When a Prometheus follows the platform's monitors
    Then the master tells of at least 1 "master_aliveWorkers_Value"
    And the worker tells of at least 1 "worker_executors_Value"
