@security
Feature: The house's rules
  The API server refuses at once some of what an audit would name later: images that may change, secrets in variables, the
  default account, Services that are open outside; and pods without a limit of memory. Admission policies of Kubernetes
  itself do so (examples/admission), which need no add-on. They hold in the namespaces that carry the label for it, and
  in no other; and for a container that somebody adds to a running pod, to look into it, as for those that it began with.

  @critical @smoke
  Scenario Outline: A pod that <asks> is refused by the house's rules
    Given a team whose namespace enforces the house's rules
    When the team requests a pod that <asks>
    Then the request is refused by the house's rules because of "<reason>"

    Examples: pods that break a rule
      | asks                   | reason                      |
      | takes any image        | An image needs a digest     |
      | takes the latest image | An image needs a digest     |
      | shows a secret         | needs its value from a Secret |
      | has no account         | needs an account of its own |
      | has no limit of memory | needs a limit of memory     |

  Scenario Outline: A pod that <asks> is let pass
    Given a team whose namespace enforces the house's rules
    When the team requests a pod that <asks>
    Then the request is admitted

    Examples: pods that keep every rule
      | asks                          |
      | keeps the house's rules       |
      | takes an image by its digest  |
      | takes a secret from its place |

  @critical
  Scenario Outline: A debugging container that <asks> is refused by the house's rules
    Given a team whose namespace enforces the house's rules
    And a pod of the team that runs and keeps the house's rules
    When the team requests a debugging container for it that <asks>
    Then the request is refused by the house's rules because of "<reason>"

    Examples: containers that break a rule
      | asks                   | reason                        |
      | takes any image        | An image needs a digest       |
      | takes the latest image | An image needs a digest       |
      | shows a secret         | needs its value from a Secret |

  Scenario Outline: A debugging container that <asks> is let pass
    Given a team whose namespace enforces the house's rules
    And a pod of the team that runs and keeps the house's rules
    When the team requests a debugging container for it that <asks>
    Then the request is admitted

    Examples: containers that keep every rule
      | asks                          |
      | keeps the house's rules       |
      | takes an image by its digest  |
      | takes a secret from its place |

  Scenario Outline: A Service that <asks> is refused by the house's rules
    Given a team whose namespace enforces the house's rules
    When the team requests a Service that <asks>
    Then the request is refused by the house's rules because of "must not be open outside the cluster"

    Examples: Services that break a rule
      | asks                 |
      | is open on nodes     |
      | is open to the world |

  Scenario: A Service that is open within the cluster is let pass
    Given a team whose namespace enforces the house's rules
    When the team requests a Service that is open within the cluster
    Then the request is admitted

  Scenario: Another namespace is left alone by the house's rules
    Given a team whose namespace enforces the house's rules
    And a team with a restricted namespace
    When the team requests a pod that has no account
    Then the request is admitted

  @critical
  Scenario: The platform keeps the house's rules, but for a test that tries a wrong password
    Given a team whose namespace enforces the house's rules
    When the team requests every object of the lakehouse chart of Spark 4.1.1
    Then only the test with a wrong password is refused, because of "needs its value from a Secret"

  @critical @connect @cpu.0.5 @memory.2Gi
  Scenario: A platform and its executors work under the house's rules
    Given a team whose namespace enforces the house's rules
    And a platform in the team's namespace
    When a data engineer runs "SELECT sum(id) FROM range(0, 100, 1, 2)" in a new session
    Then the answer is the single value 4950
    And executors did the work
