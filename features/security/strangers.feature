@security @iceberg @connect @requires.network-policy
Feature: Strangers
  With the restricted preset, each program of a platform is reached by those who need it and by nobody else: neither a
  password nor a token has to hold off who does not get as far as the door. The team itself works as before.

  @critical
  Scenario Outline: A stranger does not reach the <component> of a platform with the restricted preset
    Given <a> platform
    And a client pod in another namespace
    When a stranger looks for the platform's "<component>"
    Then the client pod in the other namespace cannot reach the service
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

  @autoscaling @requires.keda @lock.landing
  Scenario: A stranger does not reach the counter of landed objects
    Given a landing-lakehouse platform
    And a client pod in another namespace
    When a stranger looks for the platform's "counter of landed objects"
    Then the client pod in the other namespace cannot reach the service

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
    Given a lakehouse platform
    And a client pod in another namespace
    When a stranger looks for the platform's "<component>"
    Then the client pod in the other namespace can reach the service

    Examples: what nobody holds off
      | component      |
      | Connect server |
      | REST catalog   |
      | object store   |
      | database       |
