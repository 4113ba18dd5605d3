@security @iceberg @connect @requires.network-policy
Feature: Strangers
  With the restricted preset, each program of a platform is reached by those who need it and by nobody else: neither a
  password nor a token has to hold off who does not get as far as the door. A stranger is whoever is in another namespace,
  and whoever is in the platform's own and is none of its programs. People and their Prometheus are outside a platform
  too; they are let in where its values name them. The team itself works as before.

  @critical
  Scenario Outline: A stranger does not reach the <component> of a platform with the restricted preset
    Given <a> platform
    And a client pod in another namespace
    And a client pod in the platform's namespace
    When a stranger looks for the platform's "<component>"
    Then the client pod in the other namespace cannot reach the service
    And the client pod in the same namespace cannot reach the service
    And the platform's own <caller> can reach the service

    Examples: what the team's users need
      | component      | caller | a                      |
      | Connect server | client | a restricted-lakehouse |

    Examples: what the team's driver needs
      | component    | caller | a                      |
      | REST catalog | driver | a restricted-lakehouse |
      | object store | driver | a restricted-lakehouse |
      | database     | driver | a restricted-lakehouse |

    @standalone @submit @autoscaling @requires.keda @lock.elastic-standalone
    Examples: what runs the programs of whoever reaches it
      | component | caller         | a                     |
      | master    | submitting pod | an elastic-standalone |

    Examples: what asks nobody who they are
      | component       | caller | a                      |
      | Hive Metastore  | driver | a restricted-workplace |
      | tracking server | client | a restricted-workplace |

  @critical
  Scenario Outline: The <component> of a platform with the restricted preset lets in <guest> and no stranger
    Given a restricted-workplace platform
    And a client pod in another namespace
    And a client pod in the platform's namespace
    And a pod that the platform lets in as <guest>
    When a stranger looks for the platform's "<component>"
    Then the client pod in the other namespace cannot reach the service
    And the client pod in the same namespace cannot reach the service
    And the pod that the platform lets in can reach the service

    Examples: what people open in their browsers
      | component      | guest            |
      | History Server | one of its users |
      | Airflow        | one of its users |
      | JupyterLab     | one of its users |

    Examples: what people call from programs of their own
      | component       | guest            |
      | Connect server  | one of its users |
      | tracking server | one of its users |

    Examples: what is read for metrics, and shows every statement and setting
      | component          | guest          |
      | driver's interface | its Prometheus |

  Scenario: Who is let in to one program is a stranger to the others
    Given a restricted-workplace platform
    And a pod that the platform lets in as one of its users
    When a stranger looks for the platform's "driver's interface"
    Then the pod that the platform lets in cannot reach the service

  @autoscaling @requires.keda @lock.landing
  Scenario: A stranger does not reach the counter of landed objects
    Given a landing-lakehouse platform
    And a client pod in another namespace
    And a client pod in the platform's namespace
    When a stranger looks for the platform's "counter of landed objects"
    Then the client pod in the other namespace cannot reach the service
    And the client pod in the same namespace cannot reach the service

  Scenario: The team of a platform with the restricted preset works with its tables
    Given a restricted-lakehouse platform
    And a table of taxi trips in the "rest" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When a data engineer reads the columns "trip, fare" of the table
    Then the answer is
      | trip | fare |
      | 1    | 12.5 |

  Scenario Outline: Without the restricted preset a stranger reaches the <component>
    Given <a> platform
    And a client pod in another namespace
    And a client pod in the platform's namespace
    When a stranger looks for the platform's "<component>"
    Then the client pod in the other namespace can reach the service
    And the client pod in the same namespace can reach the service

    Examples: what nobody holds off
      | component          | a                |
      | Connect server     | a lakehouse      |
      | REST catalog       | a lakehouse      |
      | object store       | a lakehouse      |
      | database           | a lakehouse      |
      | Hive Metastore     | a lakehouse      |
      | History Server     | a lakehouse      |
      | driver's interface | a lakehouse      |
      | tracking server    | a tracking       |
      | Airflow            | an orchestration |
      | JupyterLab         | a workbench      |
