Feature: Uninstalling
  An uninstalled platform removes everything that it created, except the data that its owner asked to keep.

  @critical
  Scenario: An uninstalled platform leaves only the data that its owner keeps
    Given a data team with a platform of its own that keeps its objects
    When the platform operator uninstalls the platform
    Then only the stored objects of the platform remain

  Scenario: An uninstalled platform without data to keep leaves nothing
    Given a data team with a platform of its own
    When the platform operator uninstalls the platform
    Then nothing remains of the platform

  Scenario: A driver that is at work goes with its platform
    Given a data team with a platform of its own that submits applications
    And its "patient sum" application is at work in cluster mode
    When the platform operator uninstalls the platform
    Then nothing remains of the platform

  Scenario: Tables that their owner keeps are there when the platform is installed again
    Given a data team with a platform of its own that keeps its tables
    And the team keeps a table of taxi trips
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When the platform operator uninstalls the platform and installs it again
    Then the platform's table holds
      | trip | zone | fare |
      | 1    | Soho | 12.5 |

  Scenario Outline: Nothing is left of <a> platform that was uninstalled
    Given a data team that owns <a> platform
    When the platform operator uninstalls the platform
    Then nothing remains of the platform

    Examples: platforms of several components
      | a                |
      | a lakehouse      |
      | an orchestration |
