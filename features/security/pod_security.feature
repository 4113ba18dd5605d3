@security @smoke
Feature: Pod Security
  A team's namespace enforces the "restricted" Pod Security Standard of Kubernetes. The platform runs under it, and a
  pod that asks for more rights is refused.

  @connect @critical
  Scenario: The platform and its executors run in a restricted namespace
    Given a lakehouse platform
    When a data engineer runs "SELECT sum(id) FROM range(0, 100, 1, 2)"
    Then the answer is the single value 4950
    And the platform and its executors run in a restricted namespace

  Scenario Outline: A pod that <asks> is refused
    Given a team with a restricted namespace
    When the team requests a pod that <asks>
    Then the request is refused because of "<reason>"

    Examples: rights that the standard forbids
      | asks                    | reason          |
      | is privileged           | privileged      |
      | runs as root            | runAsNonRoot    |
      | uses the node's files   | hostPath        |
      | uses the node's network | host namespaces |

  Scenario: A pod that asks for nothing special is admitted
    Given a team with a restricted namespace
    When the team requests a pod that asks for nothing special
    Then the request is admitted
