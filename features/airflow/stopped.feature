@airflow @submit @cpu.0.5 @memory.2Gi
Feature: Workers that are stopped
  Nodes are drained and spot nodes are taken back: then the worker of a task is asked to end amid its work. What the task
  had begun was not done, so that nobody may read of a success, and Airflow may try it again.

  Background:
    Given an orchestration platform

  Scenario: An application whose worker is stopped is no success
    Given a run at work that submitted the "patient sum" application in client mode
    When the worker of the run is asked to end
    Then the run fails

  # Airflow reports a success: https://github.com/apache/airflow/issues/73006. The gate excuses it (examples/ci/gate.yaml).
  Scenario: A pod whose worker is stopped is no success
    Given a run of the "long pod" DAG at work in a pod of its own
    When the worker of the run is asked to end
    Then the run fails
