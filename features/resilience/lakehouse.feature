@resilience @iceberg @connect @sole-user
Feature: A lakehouse whose components are disturbed
  Components are killed, hang, are cut off, or somebody scales them to zero; executors find no room, their driver has
  lost its rights, or somebody changes its settings by hand. What counts is the work of users: a data engineer writes to
  a table and reads it all the time, and gives up on a statement after 20 seconds. A verdict that gets worse is a failure,
  a better one is none: the work goes on, it recovers by itself, it is degraded, it fails with a cause, or it waits for an
  answer.
  docs/operations/resilience.md has what was measured. Half of the disturbances are on a platform that others seldom use,
  so that both halves, and other criteria, go on side by side.

  Scenario Outline: The <component> is killed: the work <verdict>
    Given a backed-up-lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When the "<component>" is killed
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And nothing that was acknowledged is lost

    Examples: what comes back without anybody's help
      | component    | catalog | verdict            | seconds |
      | REST catalog | rest    | recovers by itself | 60      |
      | database     | rest    | recovers by itself | 60      |
      | object store | rest    | recovers by itself | 60      |
      | executor     | rest    | goes on            | 60      |

    Examples: what may come back late on a busy machine
      | component      | catalog | verdict            | seconds |
      | Hive Metastore | hive    | recovers by itself | 300     |

    Examples: what ends the sessions of its users, who begin anew
      | component      | catalog | verdict            | seconds |
      | Connect server | rest    | recovers by itself | 180     |

  Scenario Outline: The <component> is scaled to zero: the work <verdict>, and its users are told
    Given a backed-up-lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When the "<component>" is scaled to zero
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And the engineer is told "<words>"
    And nothing that was acknowledged is lost

    Examples: what all work needs
      | component    | catalog | verdict | seconds | words                                       |
      | REST catalog | rest    | fails   | 120     | org.apache.iceberg.exceptions.RESTException |

    Examples: what catalogs need
      | component      | catalog | verdict | seconds | words                                   |
      | Hive Metastore | hive    | fails   | 300     | Failed to get table info from metastore |

    Examples: what clients and catalogs ask for again and again
      | component      | catalog | verdict | seconds | words                                                     |
      | database       | rest    | waits   | 120     | the service spark-postgres of" or "Failed to get table    |
      | object store   | rest    | waits   | 180     | the service spark-object-store of" or "Connection refused |
      | Connect server | rest    | waits   | 180     | the service spark-connect of                              |

  Scenario Outline: The <component> hangs: the work <verdict>
    Given a backed-up-lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When the "<component>" hangs
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And nothing that was acknowledged is lost

    Examples: what Kubernetes or Spark finds out by itself
      | component    | catalog | verdict            | seconds |
      | REST catalog | rest    | recovers by itself | 240     |
      | executor     | rest    | recovers by itself | 240     |

    @slow
    Examples: what Kubernetes asks once a minute
      | component      | catalog | verdict            | seconds |
      | database       | rest    | recovers by itself | 400     |
      | Hive Metastore | hive    | recovers by itself | 400     |
      | Connect server | rest    | recovers by itself | 400     |

  @requires.network-policy
  Scenario Outline: The <component> is cut off: the work <verdict>
    Given a lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When the "<component>" is cut off
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And nothing that was acknowledged is lost

    Examples: what nobody tells users
      | component    | catalog | verdict | seconds |
      | REST catalog | rest    | waits   | 120     |
      | database     | rest    | waits   | 120     |
      | object store | rest    | waits   | 180     |

    Examples: what drivers keep trying to reach by old connections
      | component      | catalog | verdict | seconds |
      | Hive Metastore | hive    | waits   | 300     |
      | database       | hive    | waits   | 300     |

    Examples: what clients cannot reach either
      | component      | catalog | verdict | seconds |
      | Connect server | rest    | waits   | 180     |

  Scenario Outline: The <component> <does>: the work <verdict>
    Given a lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When the "<component>" <does>
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And nothing that was acknowledged is lost

    Examples: what sessions notice later only
      | component      | does                                      | catalog | verdict | seconds |
      | Connect server | loses its rights                          | rest    | goes on | 60      |
      | Connect server | has its catalog's address changed by hand | rest    | goes on | 60      |

  Scenario Outline: The <component> <does>: the work <verdict>, and its users are told
    Given a lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When the "<component>" <does>
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And the engineer is told "<words>"
    And nothing that was acknowledged is lost

    Examples: what sessions notice after the next start
      | component      | does                                                       | catalog | verdict | seconds | words                                       |
      | Connect server | has its catalog's address changed by hand and starts again | rest    | fails   | 180     | org.apache.iceberg.exceptions.RESTException |

  Scenario Outline: Every executor <loss>: the work <verdict>, and its users are told
    Given a lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When every executor <loss>
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And the engineer is told "<words>"
    And nothing that was acknowledged is lost

    Examples: what keeps others from coming
      | loss                                            | catalog | verdict | seconds | words             |
      | is killed and the quota has no room for another | rest    | waits   | 120     | exceeded quota    |
      | is killed and the driver may start no other     | rest    | waits   | 120     | pods is forbidden |

  Scenario Outline: The <component> is killed and the quota has no room for another: the work <verdict>
    Given a lakehouse platform
    And a data engineer who writes to a table of the "<catalog>" catalog and reads it all the time
    When somebody kills the "<component>" and the quota has no room for another
    Then the engineer's work <verdict>, and is as before within <seconds> seconds
    And the engineer is told "<words>"
    And the platform shows "exceeded quota"
    And nothing that was acknowledged is lost

    Examples: what all work needs
      | component    | catalog | verdict | seconds | words                                       |
      | REST catalog | rest    | fails   | 300     | org.apache.iceberg.exceptions.RESTException |

    Examples: what catalogs need
      | component      | catalog | verdict | seconds | words                                   |
      | Hive Metastore | hive    | fails   | 400     | Failed to get table info from metastore |

    Examples: what clients and catalogs ask for again and again
      | component      | catalog | verdict | seconds | words                                                     |
      | database       | rest    | waits   | 300     | the service spark-postgres of" or "Failed to get table    |
      | object store   | rest    | waits   | 300     | the service spark-object-store of" or "Connection refused |
      | Connect server | rest    | waits   | 300     | no answer within                                          |
