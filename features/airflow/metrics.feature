@airflow @observability @cpu.0.2 @memory.256Mi
Feature: What Prometheus reads of Airflow
  A failed task is seen by who looks; who does not look is told by an alert on its number. Each task is a process of its
  own, and their numbers are added up at the endpoint that a Prometheus reads, and that is read here.

  Background:
    Given an orchestration platform

  Scenario: A failed task is counted
    Given the tasks of the "without orders" DAG that Airflow has counted
    When a data engineer runs the "without orders" DAG
    Then the run fails at "count" after 1 tries because "There are no orders."
    And Airflow has counted 1 more failed and 0 more successful tasks of it

  Scenario: A task that succeeds is not counted among those that failed
    Given the tasks of the "with orders" DAG that Airflow has counted
    And a data engineer has run the "with orders" DAG
    When a data engineer runs the "with orders" DAG
    Then the run succeeds
    And Airflow has counted 0 more failed and 2 more successful tasks of it
