@airflow @connect @cpu.1 @memory.3Gi
Feature: One Airflow and two versions of Spark
  Teams move to another version of Spark one after the other, and their runs have one Airflow. A task asks Airflow's own
  platform with the client of that version; for another platform, its pod has the image of that one's version. Each part of
  a run says which Spark answered it.

  Background:
    Given an orchestration platform on Spark 4.1.1
    And a second platform on Spark 4.1.0 in another team's namespace

  @critical
  Scenario: One run asks two versions of Spark
    When a run asks both platforms "SELECT sum(id) FROM range(0, 1000, 1, 4)"
    Then the run succeeds
    And Spark 4.1.1 of Airflow's own platform answered "499500"
    And Spark 4.1.0 of the second platform answered "499500" to a pod of that version

  Scenario: A query that the other version refuses fails the run with the words of its Spark
    When a run asks both platforms "SELECT IF(version() LIKE '4.1.0%', raise_error('This is not 4.1.1.'), max(id)) FROM range(8)"
    Then the run fails at "ask_there" after 1 tries because "This is not 4.1.1."
    And Spark 4.1.1 of Airflow's own platform answered "7"
