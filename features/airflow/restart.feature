@airflow @cpu.0.2 @memory.256Mi @sole-user
Feature: Airflow that starts anew
  What ran is known also after Airflow was restarted, since its state is in the platform's database. So is what waits: it
  begins when it may, as if nothing had happened, and what was cancelled before does not come back.

  Background:
    Given an orchestration platform

  Scenario: A run is known after a restart
    Given a data engineer has run the "daily sums" DAG
    When the platform operator restarts the airflow
    Then Airflow has the run as it was

  @critical
  Scenario: A run that waits outlives a restart
    Given the "daily sums" DAG is paused
    And a run of the "daily sums" DAG waits
    When the platform operator restarts the airflow
    Then the run still waits
    And the run succeeds when the DAG is resumed
    And a data engineer finds in its table
      | day | total  |
      | 0   | 166833 |
      | 1   | 166167 |
      | 2   | 166500 |

  Scenario: A run that was cancelled while it waited does not come back with a restart
    Given the "price list" DAG is paused
    And a run of the "price list" DAG waits
    And a data engineer has cancelled the run that waits
    When the platform operator restarts the airflow
    Then the run never begins, though the DAG is resumed
