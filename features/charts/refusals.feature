@charts @smoke
Feature: Charts refuse what cannot work
  Settings that are misspelt, or that cannot work together, are refused when the chart is rendered. The message is a
  sentence with the reason. Without it, the user would see only pods that never become ready.

  Background:
    Given the platform's charts

  @critical
  Scenario: A misspelt setting is refused
    When a platform engineer misspells each setting in turn
    Then each is refused because "not allowed"
    And each refusal names the setting that is misspelt, and where it is

  Scenario Outline: Installing with <settings> is refused
    When a platform engineer asks for <settings>
    Then each is refused because "<reason>"

    Examples: what cannot work
      | settings                                    | reason                                                      |
      | a Spark version that no chart installs      | is not one of this chart's                                  |
      | dynamic allocation without shuffle tracking | Dynamic allocation loses shuffle files                      |
      | a minimum of executors above the maximum    | minExecutors (3) is more than maxExecutors (2).             |
      | clients without a Connect server            | client works on the Connect server                          |
      | applications that nobody counts             | set monitoring.enabled                                      |
      | alerts that count what is read too seldom   | less than four times monitoring.monitors.interval (5m)      |
      | alerts that end before they fire            | alerts that count would end before they fire                |
      | more workers at least than at most          | minReplicas (5) is more than maxReplicas (4)                |
      | two listeners on one port                   | Two of connect's ports are both 4040                        |
      | a label that selects pods                   | Services and network policies select the chart's pods by it |
      | a token for Connect of Spark 3.5            | connect.authentication needs Spark 4                        |
      | Iceberg on a Hive Metastore of 4.0.1        | Iceberg's hive catalog cannot use a Hive Metastore of 4.0.1 |
      | GPUs with Spark 3.5.7                       | There is no image of Spark 3.5.7 with RAPIDS                |
      | GPUs with Spark 3.5.8                       | There is no image of Spark 3.5.8 with RAPIDS                |
      | GPUs with Spark 4.1.0                       | RAPIDS has no shim for Spark 4.1.0                          |
      | GPUs with Iceberg 1.12                      | RAPIDS refuses Iceberg 1.12                                 |
      | GPUs that Spark does not count              | takes GPUs that Kubernetes and Spark do not count           |
      | GPUs of no vendor                           | says nothing to Kubernetes without                          |
      | another pod template for executors          | another template could ask for GPUs that Spark does not     |
      | a heap that its pod has no room for         | in which its heap (8g) has no room                          |
      | a request above its limit                   | is more than executor.cpuLimit                              |
      | a heap that is too small for Spark          | Spark starts with no less than 450m                         |
      | two catalogs of one name                    | are both named lake                                         |
      | a hadoop catalog without its volume         | keeps its tables in the warehouse                           |
      | backups of no database                      | Backups are of the catalogs' databases                      |
      | volumes that drivers may not make           | drivers have no right to make claims                        |
      | a server that answers only itself           | users find the server at its pod's address                  |
      | a variable with two values                  | has both a value and valueFrom                              |
      | a toleration of any and of one value        | Kubernetes takes one of them only                           |
      | a setting that Spark 4 does not know        | means nothing since Spark 4                                 |
      | a tracking server without a database        | MLflow keeps its state in PostgreSQL                        |
      | a tracking server without a store           | MLflow keeps artifacts in an object store                   |
      | an ingest without a store                   | The ingest reads objects of an object store                 |
      | an ingest that anybody may count for        | a Secret with the key by which KEDA asks                    |
      | an ingest without a Connect server          | the ingest works on the Connect server                      |
      | an ingest whose objects land again          | what was moved would land again                             |
      | an ingest from the folder of a catalog      | whose files the ingest would take                           |
