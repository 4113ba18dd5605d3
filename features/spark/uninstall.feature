Feature: Uninstalling
  A platform that goes takes with it all that it made, except for the data that its owner asked to keep.

  @critical
  Scenario: Data that is to be kept is all that an uninstalled platform leaves
    Given a data team with a platform of its own that keeps its objects
    When the platform operator uninstalls the platform
    Then nothing remains of the platform but the objects

  Scenario: Where nothing is to be kept, nothing is left
    Given a data team with a platform of its own
    When the platform operator uninstalls the platform
    Then nothing remains of the platform
