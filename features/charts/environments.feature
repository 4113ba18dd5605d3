@charts
Feature: Environments are as safe as they have to be
  The values of development, staging and production are files, and what is promised to production's users stands in a few
  lines of one. A line that somebody loses on the way must not be noticed only by who listens, or by who has no tables.

  Background:
    Given the platform's charts

  @critical
  Scenario: Production encrypts what it sends and spills, and its users end no work of others
    When a chart maintainer renders the platform of the prod environment
    Then every driver has the settings
      | setting                      | value |
      | spark.authenticate           | true  |
      | spark.network.crypto.enabled | true  |
      | spark.io.encryption.enabled  | true  |
      | spark.ui.killEnabled         | false |

  @critical
  Scenario: Production's network denies what nobody needs, and its tables outlive it
    When a chart maintainer renders the platform of the prod environment
    Then there is a NetworkPolicy of network-policy
    And the PersistentVolumeClaim of warehouse has
      | field                                        | value |
      | metadata annotations helm.sh/resource-policy | keep  |
      | spec resources requests storage              | 500Gi |

  Scenario: Production always has an executor, and up to forty
    When a chart maintainer renders the platform of the prod environment
    Then every driver has the settings
      | setting                              | value |
      | spark.dynamicAllocation.minExecutors | 1     |
      | spark.dynamicAllocation.maxExecutors | 40    |

  Scenario: Staging has the rules of production at a fraction of its size
    When a chart maintainer renders the platform of the staging environment
    Then every driver has the settings
      | setting                              | value |
      | spark.authenticate                   | true  |
      | spark.network.crypto.enabled         | true  |
      | spark.io.encryption.enabled          | true  |
      | spark.ui.killEnabled                 | false |
      | spark.dynamicAllocation.minExecutors | 0     |
      | spark.dynamicAllocation.maxExecutors | 4     |
    And there is a NetworkPolicy of network-policy
    And the PersistentVolumeClaim of warehouse has
      | field                           | value |
      | spec resources requests storage | 10Gi  |

  Scenario: Development is small, and lets idle executors go at once
    When a chart maintainer renders the platform of the dev environment
    Then every driver has the settings
      | setting                                         | value |
      | spark.dynamicAllocation.minExecutors            | 0     |
      | spark.dynamicAllocation.maxExecutors            | 2     |
      | spark.dynamicAllocation.executorIdleTimeout     | 10s   |
      | spark.dynamicAllocation.shuffleTracking.timeout | 20s   |
    And the StatefulSet of connect has
      | field                                                  | value |
      | spec template spec containers 0 resources requests cpu | 100m  |
    And the PersistentVolumeClaim of warehouse has
      | field                           | value |
      | spec resources requests storage | 1Gi   |
