@mlflow @cpu.0.2 @memory.512Mi
Feature: The tracking server
  A team's programs find MLflow by the name of its Service. Another name is refused, since a page on the internet could
  give itself the server's address. The server's page of health is answered under any name and proves nothing.

  Background:
    Given a tracking platform

  @critical
  Scenario: The server answers under its Service's name
    When a data engineer asks MLflow for its experiments by the name of its Service
    Then MLflow names its experiments

  Scenario: Another host name is refused
    When a data engineer asks MLflow for its experiments by the name "made-up.example"
    Then MLflow refuses with status 403 and "Invalid Host header"

  Scenario: A name that only begins like the server's is refused
    When a data engineer asks MLflow for its experiments by the name "spark-mlflow.example"
    Then MLflow refuses with status 403 and "Invalid Host header"

  Scenario: A file reaches the object store from a client without keys
    When a data engineer runs the "sum" project with 1000 rows
    Then the run is tracked as finished, with the sum 499500
    And the object store has the run's file "sum.txt" with the text "499500", from a client without keys

  Scenario: A run that fails stores no file
    When a data engineer runs the "missing table" project with 1000 rows
    Then the run is tracked as failed, and its user saw "TABLE_OR_VIEW_NOT_FOUND"
    And the object store has no file "sum.txt" of the run

  @sole-user
  Scenario: Runs outlive the server
    Given a data engineer has run the "sum" project with 1000 rows
    When the platform operator kills the tracking server
    Then MLflow has the run as it was

  Scenario: A tracked parameter cannot be changed
    Given a data engineer has run the "sum" project with 1000 rows
    When a data engineer changes the run's parameter "rows" to "2000"
    Then MLflow refuses with status 400 and "Changing param values is not allowed"
    And MLflow has the run as it was

  Scenario: A deleted run's files are gone after the next collection
    Given a data engineer has run the "sum" project with 1000 rows
    When a data engineer deletes the run, and the platform operator collects deleted runs
    Then MLflow has no such run
    And the object store has no file "sum.txt" of the run

  Scenario: The server at rest keeps little memory
    Then the tracking server keeps at most 429 MiB in memory

  Scenario: Runs at the same time do not mix their parameters
    When 8 users track runs at the same time
    Then MLflow has 8 runs, each with the parameters that its user gave

  Scenario: A killed client's run does not stay running
    Given a data engineer's "patient" project at work for 600 seconds
    When the data engineer's client is killed
    Then MLflow's operator finds the run as lost, and it is tracked as killed

  Scenario: A run that still works is not lost
    Given a data engineer's "patient" project at work for 600 seconds
    Then MLflow's operator does not find the run as lost
