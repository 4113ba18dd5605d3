@airflow @cpu.0.2 @memory.256Mi @serial
Feature: Airflow that starts anew
  What ran is known also after Airflow was restarted, since its state is in the platform's database.

  Background:
    Given an orchestration platform

  Scenario: A run is known after a restart
    Given a data engineer has run the "daily sums" DAG
    When the platform operator restarts the airflow
    Then Airflow has the run as it was
