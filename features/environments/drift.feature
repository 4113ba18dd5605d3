@environments @connect
Feature: Environments that are what their files say
  Development, staging and production are the same charts with other values, kept in files. Who changes an environment
  by hand makes it another one than the files say, and the next change is tried on something that nobody has.
  `sparkproof drift` names each such difference.

  Scenario: A platform that nobody changed is as its files say
    Given a data team with the platform of the dev environment
    And a data engineer of the team
    And a data engineer has run "SELECT sum(id) FROM range(0, 1000, 1, 2)"
    When the platform operator compares the platform with its files
    Then the platform is as its files say

  Scenario: Production that nobody changed is as its files say
    Given a data team with the platform of the prod environment
    And a data engineer of the team
    And a data engineer has run "SELECT sum(id) FROM range(0, 1000, 1, 2)"
    When the platform operator compares the platform with its files
    Then the platform is as its files say

  @critical
  Scenario: Each change that somebody made by hand is named, and nothing else
    Given a data team with the platform of the dev environment
    And somebody has changed the platform by hand
      | object                            | change                                                                                  |
      | ServiceAccount spark-client       | {"automountServiceAccountToken": true}                                                  |
      | Service spark-connect             | {"metadata": {"annotations": {"owner": "me"}}, "spec": {"sessionAffinity": "ClientIP"}} |
      | Role spark-connect                | {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]}           |
      | Deployment spark-client           | {"spec": {"replicas": 0}}                                                               |
      | PodDisruptionBudget spark-connect | deleted                                                                                 |
      | ConfigMap by-hand                 | added                                                                                   |
    When the platform operator compares the platform with its files
    Then just these differences are named
      | difference                                                                                |
      | ServiceAccount spark-client: automountServiceAccountToken is True, and False in its files |
      | Service spark-connect: annotations.owner is me, and not in its files                      |
      | Service spark-connect: spec.sessionAffinity is ClientIP, and None in its files            |
      | Service spark-connect: spec.sessionAffinityConfig is                                      |
      | Role spark-connect: rules[0].verbs is ['list'], and                                       |
      | Role spark-connect: rules[0].resources[0] is secrets, and pods in its files               |
      | Deployment spark-client: spec.replicas is 0, and 1 in its files                           |
      | PodDisruptionBudget spark-connect: it is not there                                        |
      | ConfigMap by-hand is there, and in no file                                                |
    And a second comparison finds the same, since the first has changed nothing

  Scenario: What an environment lacks of another one's files is named
    Given a data team with the platform of the dev environment
    When the platform operator compares the platform with the files of the staging environment
    Then the differences name "ConfigMap spark-connect: data.spark-defaults.conf lacks the line spark.network.crypto.enabled"
    And the differences name "NetworkPolicy spark-connect: it is not there"

  @iceberg @sole-user
  Scenario: A driver's setting that somebody changed by hand is named while the work still goes on
    Given a lakehouse platform
    And a data engineer who writes to a table of the "rest" catalog and reads it all the time
    And somebody has changed the catalog's address in the driver's settings by hand
    When the platform operator compares the platform with its files
    Then the differences name "ConfigMap spark-connect: data.spark-defaults.conf lacks the line spark.sql.catalog.rest.uri=http://spark-rest-catalog"
    And the engineer works on
