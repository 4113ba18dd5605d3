@charts
Feature: Presets bring what they are for
  A preset is a few lines, and a team relies on each of them. A line that is lost must not be noticed only by an attacker,
  by a bill or by a night without metrics.

  Background:
    Given the platform's charts

  @critical
  Scenario: The restricted preset lets nobody end jobs by the interface, and brings network policies
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
    And pods need the Secrets "object-store, postgres"

  Scenario: The mlflow preset has a tracking server with a database and a store
    When a chart maintainer renders the charts with their mlflow presets
    Then there is a Deployment of mlflow
    And there is a Service of mlflow
    And there is a StatefulSet of object-store
    And there is a StatefulSet of postgres
    And pods need the Secrets "object-store, postgres"

  Scenario: The airflow preset has Airflow with a database
    When a chart maintainer renders the charts with their airflow presets
    Then there is a Deployment of airflow
    And there is a Service of airflow
    And there is a StatefulSet of postgres
    And pods need the Secrets "airflow, postgres"

  Scenario: The backup preset takes backups that outlive the release
    When a chart maintainer renders the charts with their backup presets
    Then there is a CronJob of backup
    And there is a StatefulSet of object-store
    And there is a StatefulSet of postgres
    And pods need the Secrets "object-store, postgres"
    And the PersistentVolumeClaim of backup has
      | field                                        | value |
      | metadata annotations helm.sh/resource-policy | keep  |

  Scenario: The backup preset takes backups four times a day and keeps those of a week
    When a chart maintainer renders the charts with their backup presets
    Then the CronJob of backup has
      | field                                                        | value        |
      | spec schedule                                                | 17 */6 * * * |
      | spec jobTemplate spec template spec containers 0 env 2 name  | KEEP         |
      | spec jobTemplate spec template spec containers 0 env 2 value | 28           |

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

  Scenario: The small preset has three executors at most, each in a pod
    When a chart maintainer renders the charts whose executors are pods with their small presets
    Then every driver has the settings
      | setting                              | value |
      | spark.dynamicAllocation.maxExecutors | 3     |

  Scenario: The small preset has two workers for two executors at most
    When a chart maintainer renders the charts whose executors are in workers with their small presets
    Then every driver has the settings
      | setting                              | value |
      | spark.dynamicAllocation.maxExecutors | 2     |
    And the StatefulSet of worker has
      | field         | value |
      | spec replicas | 2     |
    And the PersistentVolumeClaim of master has
      | field                           | value |
      | spec resources requests storage | 100Mi |

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

  Scenario: The cost-optimized preset has as many workers as work needs, and a master on a node that stays
    When a chart maintainer renders the charts whose executors are in workers with their cost-optimized presets
    Then there is a HorizontalPodAutoscaler of worker
    And the StatefulSet of master has
      | field                                                      | value     |
      | spec template spec nodeSelector karpenter.sh/capacity-type | on-demand |

  Scenario: The elastic preset has workers as long as there are applications
    When a chart maintainer renders the charts with their elastic presets
    Then the ScaledObject of worker has
      | field                 | value                           |
      | spec triggers 0 name  | applications                    |
      | spec idleReplicaCount | 0                               |
    And there is a ServiceMonitor of master

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

  Scenario: The GPU preset leaves room for what RAPIDS needs beside the heap, in each executor's pod
    When a chart maintainer renders the charts whose executors are pods with their gpu presets
    Then every driver has the settings
      | setting                                 | value |
      | spark.executor.memoryOverhead           | 4g    |
      | spark.kubernetes.executor.request.cores | 2     |
      | spark.kubernetes.executor.limit.cores   | 4     |

  Scenario: The GPU preset leaves room for what RAPIDS needs beside the heap, in each worker
    When a chart maintainer renders the charts whose executors are in workers with their gpu presets
    Then the StatefulSet of worker has
      | field                                                       | value |
      | spec template spec containers 0 args 8                      | 4     |
      | spec template spec containers 0 args 10                     | 4g    |
      | spec template spec containers 0 resources requests cpu      | 2     |
      | spec template spec containers 0 resources requests memory   | 9Gi   |
      | spec template spec containers 0 resources limits cpu        | 4     |
      | spec template spec containers 0 resources limits memory     | 9Gi   |

  @critical
  Scenario: Presets give Spark the settings that teams know of, and no others
    When a chart maintainer renders each chart in each version with each preset
    Then presets give these settings, and no others
      | preset         | setting                      | value |
      | cost-optimized | spark.task.maxFailures       | 8     |
      | restricted     | spark.ui.killEnabled         | false |
      | restricted     | spark.authenticate           | true  |
      | restricted     | spark.network.crypto.enabled | true  |
      | restricted     | spark.io.encryption.enabled  | true  |
