@airflow @connect @cpu.0.5 @memory.512Mi
Feature: Runs that are ended
  Whoever cancels a run wants its work to end. A task that is killed leaves its work and its session behind on Spark, which
  would go on for nobody and hold executors. So the platform ends the work of a client that is gone, and a task that opens
  its session as it should also ends the session.

  Background:
    Given an orchestration platform

  @critical
  Scenario: A cancelled run leaves no work and no session on Spark
    When a data engineer cancels a run of the "endless query" DAG that is at work
    Then its work on Spark ends within a minute
    And its session on Spark is closed

  Scenario: A cancelled run leaves no work though nobody ended its session
    When a data engineer cancels a run of the "endless query of a plain session" DAG that is at work
    Then its work on Spark ends within a minute
    And its session on Spark is still open

  Scenario: A run over its time limit ends with its work
    When a data engineer runs the "query with a time limit" DAG
    Then the run fails at "ask" after 1 tries because "AirflowTaskTimeout"
    And its work on Spark ended with it
