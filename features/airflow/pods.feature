@airflow @cpu.0.2 @memory.512Mi
Feature: Tasks in pods of their own
  A program with needs of its own gets a pod of its own, made by Airflow's pod operator. The pod is as restricted as all
  others of the namespace; what is not allowed fails the task, with the reason.

  Background:
    Given an orchestration platform

  @critical
  Scenario: A task runs in a pod of its own in a restricted namespace
    When a data engineer runs the "pod of its own" DAG
    Then the run succeeds
    And its task "compute" ran in a pod of its own and printed "six times seven is 42"

  Scenario: A pod without restrictions is refused
    When a data engineer runs the "pod without restrictions" DAG
    Then the run fails at "compute" after 1 tries because "violates PodSecurity \"restricted"

  Scenario: A pod in another namespace is refused, since Airflow has no rights there
    When a data engineer runs the "pod of its own" DAG in the namespace "default"
    Then the run fails at "compute" after 1 tries because "in the namespace \"default\""
