@airflow @cpu.0.2 @memory.256Mi
Feature: Where DAGs come from
  A team publishes its DAGs as files in a ConfigMap. A file that cannot be read is named with the reason, and takes no
  other with it.

  Background:
    Given an orchestration platform

  Scenario: A file that cannot be read is named, and the others run
    When a data engineer asks which files Airflow cannot read
    Then Airflow names "broken-import.py" alone, because of "No module named 'a_module_that_is_not_there'"
    And the "checked load" DAG still runs

  @lock.dags
  Scenario: A changed DAG is seen within two minutes
    Given a data engineer has run the "price list" DAG
    When the data team changes "PRICE = 3" to "PRICE = 5" in the file of the "price list" DAG
    Then within two minutes "price" of a run hands on 5

  @lock.dags
  Scenario: A DAG whose file is gone starts no more within two minutes
    Given a data engineer has run the "price list" DAG
    When the data team takes the file of the "price list" DAG away
    Then within two minutes Airflow starts no run of it any more
