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
