@airflow @connect @cpu.0.5 @memory.512Mi
Feature: Tasks that are tried again
  A worker may end amid its work: its node is drained or lost, alone or with Airflow, or its memory is used up. A task that
  allows another try gets one, and begins anew, so that its table holds each row once. A task that allows none fails, so
  that somebody looks.

  Background:
    Given an orchestration platform

  @critical
  Scenario: A task whose worker is killed is tried again, and writes its table once
    Given a run of the "orders in two parts" DAG that has written a part of its table
    When the worker of the run is killed
    Then its task "write" succeeds at try 2
    And a data engineer finds in its table
      | id | amount |
      | 0  | 0      |
      | 1  | 10     |
      | 2  | 20     |
      | 3  | 30     |

  Scenario: A task whose worker is asked to end is tried again, and writes its table once
    Given a run of the "orders in two parts" DAG that has written a part of its table
    When the worker of the run is asked to end
    Then its task "write" succeeds at try 2
    And a data engineer finds in its table
      | id | amount |
      | 0  | 0      |
      | 1  | 10     |
      | 2  | 20     |
      | 3  | 30     |

  @sole-user
  Scenario: A task whose Airflow is evicted with its node is tried again, and writes its table once
    Given a run of the "orders in two parts" DAG that has written a part of its table
    When the platform operator evicts Airflow
    Then the eviction takes place
    And its task "write" succeeds at try 2
    And a data engineer finds in its table
      | id | amount |
      | 0  | 0      |
      | 1  | 10     |
      | 2  | 20     |
      | 3  | 30     |

  Scenario: A task that adds to what an earlier try left writes it twice
    Given a run of the "orders added again" DAG that has written a part of its table
    When the worker of the run is killed
    Then its task "write" succeeds at try 2
    And a data engineer finds in its table
      | id | amount |
      | 0  | 0      |
      | 0  | 0      |
      | 1  | 10     |
      | 1  | 10     |
      | 2  | 20     |
      | 3  | 30     |

  Scenario: A task that allows one try alone fails when its worker is killed
    Given a run of the "endless query" DAG at work on Spark
    When the worker of the run is killed
    Then the run fails
