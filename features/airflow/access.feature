@airflow @cpu.0.2 @memory.256Mi
Feature: Who may use Airflow
  Whoever starts a run has a program run with the rights of Airflow on Spark. So Airflow answers nobody without a token
  that it gave, and who may look at runs may not start them.

  Background:
    Given an orchestration platform

  Scenario: A viewer looks at runs
    Given a data engineer has run the "price list" DAG
    When a viewer asks for the runs of the "price list" DAG
    Then Airflow shows that run

  @critical
  Scenario: A viewer may not start a run
    When a viewer starts the "daily sums" DAG
    Then Airflow refuses with status 403 and "Forbidden"

  @critical
  Scenario: Nobody without a token is told anything
    When somebody without a token asks for the runs of the "daily sums" DAG
    Then Airflow refuses with status 401 and "Not authenticated"

  Scenario: A token that Airflow did not give is refused
    When somebody with the token "guessed" asks for the runs of the "daily sums" DAG
    Then Airflow refuses with status 403 and "Invalid JWT token"

  @critical
  Scenario: Nobody without a token starts a run
    When somebody without a token starts the "daily sums" DAG
    Then Airflow refuses with status 401 and "Not authenticated"

  Scenario: A token that Airflow did not give starts no run
    When somebody with the token "guessed" starts the "daily sums" DAG
    Then Airflow refuses with status 403 and "Invalid JWT token"
