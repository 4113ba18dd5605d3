@security
Feature: Admission of the charts
  A chart that renders can still fail to install. So every object that a chart makes, and every pod that a controller
  would create for it, is requested from the API server in a namespace that enforces "restricted", with each preset; that
  for GPUs where RAPIDS has a jar for the version. Objects of add-ons that the cluster does not have, such as monitors,
  cannot be requested; the proof names their kinds.

  Scenario Outline: Every object of a chart is admitted in a restricted namespace, but for add-ons that are not there
    Given a team with a restricted namespace
    When the team requests every object of the <chart> chart of Spark <version>
    Then every object is admitted, with every preset

    @spark.4.1.1 @smoke
    Examples: the newest version
      | chart     | version |
      | lakehouse | 4.1.1   |

    @spark.4.1.1
    Examples: a standalone cluster
      | chart      | version |
      | standalone | 4.1.1   |

    @spark.3.5.8
    Examples: the older series
      | chart      | version |
      | lakehouse  | 3.5.8   |
      | standalone | 3.5.8   |

  @smoke
  Scenario: A quota that allows no pods refuses a chart's pods and nothing else
    Given a team whose quota allows no pods
    When the team requests every object of the lakehouse chart of Spark 4.1.1
    Then only its pods are refused, because of "exceeded quota"
