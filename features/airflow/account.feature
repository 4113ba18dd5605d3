@airflow @security
Feature: The account of Airflow
  Whoever may publish a DAG has programs run with the account of Airflow. So it may do what its tasks need, and nothing
  else: start pods and read what they say, list events, and make the ConfigMaps and Services of applications that it
  submits. It asks the API server for no Secret and for nothing in another namespace; a pod that it starts may have any
  Secret of its own namespace.

  Background:
    Given an orchestration platform

  @critical
  Scenario: Airflow may start pods and submit applications, and nothing more
    When the platform operator asks what each account of the platform may do
    Then each account may do exactly this
      | account | may                                                | with                 |
      | airflow | create, get, list, watch, delete, deletecollection | pods                 |
      | airflow | get                                                | pods/log             |
      | airflow | list                                               | events               |
      | airflow | create, patch                                      | configmaps, services |
      | connect | create, get, list, watch, delete, deletecollection | pods                 |
      | driver  | create, get, list, watch, delete, deletecollection | pods                 |
      | submit  | create, get, list, watch, delete, deletecollection | pods                 |
      | submit  | create, patch                                      | configmaps, services |

  Scenario: Airflow's pod alone carries its account, with the Secrets of its own and of drivers
    Given an executor of the platform
    Then the pods of each component carry exactly this
      | component      | account        | token | secrets                                 |
      | airflow        | airflow        | yes   | airflow, postgres/airflow, object-store |
      | client         | client         | no    |                                         |
      | connect        | connect        | yes   | object-store                            |
      | executor       | executor       | no    | object-store                            |
      | history-server | history-server | no    | object-store                            |
      | object-store   | object-store   | no    | object-store                            |
      | postgres       | postgres       | no    | postgres                                |
      | submit         | submit         | yes   | object-store                            |
