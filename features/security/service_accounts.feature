@security @connect @smoke
Feature: Service accounts
  The driver starts its executors, so it may manage the pods of its namespace, which are not only its own, and nothing
  else. Executors run a team's code, so they have no rights at all.

  Background:
    Given a lakehouse platform

  @critical
  Scenario: The driver may manage its executors
    When the platform's driver asks what it may do in its namespace
    Then it may
      | verb   | resource               |
      | create | pods                   |
      | get    | pods                   |
      | list   | pods                   |
      | watch  | pods                   |
      | delete | pods                   |

  Scenario: The driver may do nothing but manage pods
    When the platform's driver asks what it may do in its namespace
    Then it may not
      | verb   | resource                               |
      | get    | secrets                                |
      | list   | secrets                                |
      | create | pods/exec                              |
      | create | deployments.apps                       |
      | create | rolebindings.rbac.authorization.k8s.io |
      | get    | nodes                                  |

  Scenario: An executor may do nothing
    Given an executor of the platform
    When the executor asks what it may do in its namespace
    Then it may not
      | verb   | resource   |
      | get    | pods       |
      | create | pods       |
      | delete | pods       |
      | get    | secrets    |
      | get    | configmaps |

  @critical
  Scenario: No account may do more than its component needs
    When the platform operator asks what each account of the platform may do
    Then each account may do exactly this
      | account | may                                                | with                 |
      | connect | create, get, list, watch, delete, deletecollection | pods                 |
      | driver  | create, get, list, watch, delete, deletecollection | pods                 |
      | submit  | create, get, list, watch, delete, deletecollection | pods                 |
      | submit  | create, patch                                      | configmaps, services |

  @critical
  Scenario: Each pod has the account and the Secrets of its component, and a token only if it uses one
    Then the pods of each component carry exactly this
      | component      | account        | token | secrets                          |
      | client         | client         | no    |                                  |
      | connect        | connect        | yes   | object-store, postgres/jdbc      |
      | executor       | executor       | no    | object-store                     |
      | history-server | history-server | no    | object-store                     |
      | hive-metastore | hive-metastore | no    | object-store, postgres/metastore |
      | object-store   | object-store   | no    | object-store                     |
      | postgres       | postgres       | no    | postgres                         |
      | rest-catalog   | rest-catalog   | no    | object-store, postgres/rest      |
      | submit         | submit         | yes   | object-store, postgres/jdbc      |
