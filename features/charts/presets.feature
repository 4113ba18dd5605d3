@charts
Feature: Presets bring what they are for
  A preset is a few lines, and a team relies on each of them. A line that is lost must not be noticed only by an attacker,
  by a bill or by a night without metrics.

  Background:
    Given the platform's charts

  @critical
  Scenario: The restricted preset shows and ends nothing, and lets through what is needed
    When a chart maintainer renders the charts with their restricted presets
    Then every driver has the settings
      | setting              | value |
      | spark.ui.killEnabled | false |
    And there is a NetworkPolicy of network-policy
    And there is a NetworkPolicy of connect
    And there is a NetworkPolicy of client

  @critical
  Scenario: The restricted preset encrypts what drivers and executors send and spill
    When a chart maintainer renders the charts whose executors are pods with their restricted presets
    Then every driver has the settings
      | setting                      | value |
      | spark.authenticate           | true  |
      | spark.network.crypto.enabled | true  |
      | spark.io.encryption.enabled  | true  |

  Scenario: The iceberg preset has catalogs of every kind, their services, and event logs
    When a chart maintainer renders the charts with their iceberg presets
    Then every driver has the settings
      | setting                          | value                      |
      | spark.sql.catalog.lake.type      | hadoop                     |
      | spark.sql.catalog.hive.type      | hive                       |
      | spark.sql.catalog.rest.type      | rest                       |
      | spark.sql.catalog.jdbc.type      | jdbc                       |
      | spark.sql.catalog.lake.warehouse | file:///warehouse          |
      | spark.sql.catalog.hive.warehouse | s3://lakehouse/hive        |
      | spark.sql.catalog.rest.warehouse | s3://lakehouse/rest        |
      | spark.sql.catalog.jdbc.warehouse | s3://lakehouse/jdbc        |
      | spark.eventLog.enabled           | true                       |
      | spark.eventLog.dir               | s3a://lakehouse/event-logs |
    And there is a StatefulSet of object-store
    And there is a StatefulSet of postgres
    And there is a Deployment of hive-metastore
    And there is a Deployment of rest-catalog
    And there is a Deployment of history-server

  Scenario: The mlflow preset has a tracking server with a database and a store
    When a chart maintainer renders the charts with their mlflow presets
    Then there is a Deployment of mlflow
    And there is a Service of mlflow
    And there is a StatefulSet of object-store
    And there is a StatefulSet of postgres

  Scenario: The backup preset takes backups that outlive the release
    When a chart maintainer renders the charts with their backup presets
    Then there is a CronJob of backup
    And the PersistentVolumeClaim of backup has
      | field                                        | value |
      | metadata annotations helm.sh/resource-policy | keep  |

  Scenario: The monitoring preset tells metrics, and where they are
    When a chart maintainer renders the charts with their monitoring presets
    Then every driver has the settings
      | setting                                         | value                                          |
      | spark.metrics.conf.*.sink.prometheusServlet.class | org.apache.spark.metrics.sink.PrometheusServlet |
      | spark.metrics.namespace                         | spark                                          |
      | spark.ui.prometheus.enabled                     | true                                           |
    And there is a ServiceMonitor of connect

  Scenario: The small preset keeps little for who has nothing to do
    When a chart maintainer renders the charts with their small presets
    Then every driver has the settings
      | setting                                         | value |
      | spark.dynamicAllocation.minExecutors            | 0     |
      | spark.dynamicAllocation.executorIdleTimeout     | 10s   |
      | spark.dynamicAllocation.shuffleTracking.timeout | 20s   |
    And the StatefulSet of connect has
      | field                                                    | value |
      | spec template spec containers 0 resources requests cpu | 100m  |
    And the PersistentVolumeClaim of warehouse has
      | field                           | value |
      | spec resources requests storage | 1Gi   |

  Scenario: The cost-optimized preset keeps the driver on a node that stays
    When a chart maintainer renders the charts with their cost-optimized presets
    Then every driver has the settings
      | setting                              | value |
      | spark.dynamicAllocation.enabled      | true  |
      | spark.dynamicAllocation.minExecutors | 0     |
      | spark.task.maxFailures               | 8     |
    And the StatefulSet of connect has
      | field                                                      | value     |
      | spec template spec nodeSelector karpenter.sh/capacity-type | on-demand |
    And executors go to nodes labelled "karpenter.sh/capacity-type=spot"
    And executors accept the taint "karpenter.sh/capacity-type=spot:NoSchedule"

  Scenario: The GPU preset counts GPUs, and goes to nodes that are kept for them
    When a chart maintainer renders the charts with their gpu presets
    Then every driver has the settings
      | setting                             | value                      |
      | spark.plugins                       | com.nvidia.spark.SQLPlugin |
      | spark.rapids.sql.mode               | executeOnGPU               |
      | spark.executor.resource.gpu.amount  | 1                          |
      | spark.executor.resource.gpu.vendor  | nvidia.com                 |
      | spark.task.resource.gpu.amount      | 0.25                       |
      | spark.executor.cores                | 4                          |
      | spark.executor.memory               | 4g                         |
    And executors go to nodes labelled "nvidia.com/gpu.present=true"
    And executors accept the taint "nvidia.com/gpu:NoSchedule"
