@autoscaling @requires.vpa
Feature: Advice on the sizes of pods
  A pod that asks for too much keeps others from its node, and one that asks for too little is killed. The recommender of
  the VerticalPodAutoscaler advises sizes of servers and workers from what they were measured to use. It only advises,
  since a server that is restarted for a better size ends all its sessions. It cannot see executors; the calculator can
  (scripts/rightsizing_calculator.py).

  @critical
  Scenario Outline: Advice for the <component> follows what was measured, and restarts nothing
    Given a <platform> platform
    And the platform operator has asked for advice on the size of the <component>
    When the data team runs work for 6 executors, and it is measured what that takes
    Then the work gives the right answer
    And no less memory is advised than was used, and at most 40 % more
    And all that is advised is there on a node
    And nothing was restarted or resized for it

    @connect
    Examples: a driver of all sessions
      | component      | platform  |
      | Connect server | lakehouse |

    @standalone
    Examples: pods in which executors run
      | component | platform   |
      | workers   | standalone |

  @connect
  Scenario: Executors get advice of the calculator, since the recommender cannot see them
    Given a lakehouse platform
    And a query for one executor under way
    When the platform operator asks for advice on the size of the executors
    Then nothing is advised because "unhandled targetRef v1 / Pod"
    And the calculator advises the executors' memory from what they did

  Scenario: What does not run gets no advice
    Given a team with a restricted namespace
    When the platform operator asks for advice on the size of a workload of which nothing runs
    Then nothing is advised because "No pods match this VPA object"
