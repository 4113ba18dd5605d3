@connect @cpu.0.5 @memory.4Gi
Feature: Platforms do not mix
  Many teams share a cluster, and a team may have several platforms. Each platform has its own tables and executors. Its
  tables survive an upgrade.

  Scenario: Two platforms in one namespace are separate
    Given a data team with a platform of its own
    And a second platform in the team's namespace
    And the team keeps a table of taxi trips
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When data engineers work on both platforms
    Then each platform's executors are its own
    And the platform's table holds
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    But the second platform does not know the table

  Scenario: Platforms of one name in two namespaces are separate
    Given a data team with a platform of its own
    And a second platform in another team's namespace
    And the team keeps a table of taxi trips
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When data engineers work on both platforms
    Then each platform's executors are its own
    And the platform's table holds
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    But the second platform does not know the table

  Scenario: An upgrade of Spark keeps a team's tables
    Given a data team with a platform of its own on Spark 4.1.0
    And the team keeps a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When the platform operator upgrades the platform to Spark 4.1.1
    Then the platform runs Spark 4.1.1
    And the platform's table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  Scenario: An upgrade of Spark keeps the tables of every catalog
    Given a data team with a platform of its own with every catalog on Spark 4.1.0
    And the team keeps a table of taxi trips in each catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When the platform operator upgrades the platform to Spark 4.1.1
    Then the platform runs Spark 4.1.1
    And the table of each catalog holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  @critical
  Scenario Outline: A platform that moves from Spark <before> to <after> in place keeps the tables of every catalog
    Given a data team with a platform of its own with every catalog on Spark <before>
    And the team keeps a table of taxi trips in each catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When the platform operator upgrades the platform to Spark <after>
    Then the platform runs Spark <after>
    And the table of each catalog holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

    Examples: The move to the next series, and the way back
      | before | after |
      | 3.5.8  | 4.1.1 |
      | 4.1.1  | 3.5.8 |

  Scenario: An upgrade of Spark keeps the event logs of earlier work
    Given a data team with a platform on Spark 4.1.0 that writes event logs
    And a data engineer of the team
    And a data engineer has run "SELECT sum(id) FROM range(0, 1000, 1, 2)"
    When the platform operator upgrades the platform to Spark 4.1.1
    Then the platform runs Spark 4.1.1
    And the history shows that the statement succeeded
