@security @connect @cpu.0.5 @memory.2Gi
Feature: Secrets stay secret
  A platform reads its secrets from Kubernetes Secrets and passes them only to the programs that need them. They do not
  appear in its configuration, in the arguments of its programs or in their logs.

  @critical
  Scenario: The token of a platform's users appears nowhere else
    Given a data team whose platform asks for a token
    And a data engineer of the team
    And an executor of the platform
    When the platform operator searches for the content of secrets
    Then no secret is found

  @critical
  Scenario: The passwords of databases and the keys of the object store appear nowhere else
    Given a lakehouse platform
    And an executor of the platform
    When the platform operator searches the platform for the content of secrets
    Then no secret is found

  Scenario Outline: The secrets of a platform with <component> appear nowhere else
    Given <a> platform
    And an executor of the platform
    When the platform operator searches the platform for the content of secrets
    Then no secret is found

    Examples: what has users, keys and databases of its own
      | component         | a                |
      | Airflow           | an orchestration |
      | a tracking server | a tracking       |
      | JupyterLab        | a workbench      |

    @autoscaling @requires.keda @lock.landing
    Examples: what is asked for with a key
      | component | a                   |
      | an ingest | a landing-lakehouse |

  Scenario: A secret in a configuration is found
    Given a data team whose platform asks for a token
    And a careless program wrote a secret into the configuration "notes"
    When the platform operator searches for the content of secrets
    Then a secret is found in the configuration "notes"

  @critical
  Scenario Outline: A secret in <place> is found
    Given a team with a restricted namespace
    And a careless program of the team shows a secret in <place>
    When the platform operator searches for the content of secrets
    Then the careless program's secret is found in <place> and nowhere else

    Examples: places where programs show secrets
      | place                                      |
      | an argument                                |
      | a variable                                 |
      | a log                                      |
      | an argument that is filled in at its start |

  Scenario: A program that gets a secret and shows it nowhere discloses none
    Given a team with a restricted namespace
    And a careful program of the team that gets a secret
    When the platform operator searches for the content of secrets
    Then no secret is found
