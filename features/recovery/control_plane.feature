@recovery @connect @requires.control-plane
Feature: The control plane
  All that a cluster was asked for is in one database. Who has a snapshot of it gets the cluster back as it was at that
  moment, while all that runs goes on. What was made after the snapshot is lost, and has to be named. The control plane
  is promised to be back within 30 seconds on a quiet machine; the report shows what was measured.

  @critical @iceberg @disruptive @limit.1200
  Scenario: A control plane that lost its data comes back from a snapshot, and Spark goes on meanwhile
    Given a lakehouse platform
    And a data engineer who asks for the number of trips and their sum in one session all the time
    And objects of the team
    And the platform operator took a snapshot of the control plane
    And somebody made, changed and removed objects of the team afterwards
    When the control plane loses its data
    And the platform operator restores the control plane from the snapshot
    Then the control plane answers and takes changes again within 30 seconds
    And who watched the team's objects is told to read them anew
    And what was there at the snapshot is as it was, and what came after is gone and named
    And the driver and the executors went on, and each answer was right
    And the team's pods are scaled again

  @serial
  Scenario Outline: A snapshot of the control plane that <harm> is refused before anything is stopped
    Given a snapshot of the control plane
    And the snapshot of the control plane <harm>
    When the platform operator restores the control plane from the snapshot
    Then the snapshot is refused because "<reason>", and the control plane went on

    Examples: what cannot be restored
      | harm                   | reason                    |
      | lost one bit           | does not have the SHA-256 |
      | was cut off            | was cut off               |
      | is more than a day old | hours old                 |
