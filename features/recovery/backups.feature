@recovery @iceberg @connect @lock.backups
Feature: Backups
  The platform takes backups of its catalogs' databases and of its bucket on a schedule. A backup counts if it can be
  restored: what was committed before it is there again, and each commit that came after it is named as lost. So many are
  kept; the oldest goes when there is another one, and never before.

  Background:
    Given a backed-up-lakehouse platform

  @critical
  Scenario Outline: A platform that loses its <what> comes back from a backup that was taken while somebody wrote
    Given half of the generated trips in a table of each catalog that is kept in a database
    And a data engineer adds trips to the tables all the time
    And the platform operator took a backup meanwhile
    When the platform loses its <what>
    And the platform operator restores the newest backup
    Then what was committed before the backup is there, and what came after is named as lost
    And the recovery took at most 4 hours and lost at most 24 hours of work

    Examples: volumes
      | what                           |
      | databases                      |
      | object store                   |
      | databases and its object store |

  Scenario: Objects that are older than their catalogs are no recovery
    Given half of the generated trips in a table of each catalog that is kept in a database
    And a data engineer adds trips to the tables all the time
    And the platform operator took a backup meanwhile
    When the platform loses its object store
    And the platform operator restores the objects of the newest backup alone
    Then the table does not come back because "does not exist"

  Scenario: A backup is taken when its time comes
    When the next minute is the time of the schedule
    Then the backup is taken

  Scenario Outline: A backup that <harm> is found out
    Given the platform operator took a backup
    And the newest backup <harm>
    When the platform operator checks the newest backup
    Then the backup is refused because "<reason>"

    Examples: what cannot be restored
      | harm                   | reason            |
      | lost one bit           | has other content |
      | was cut off            | bytes and had     |
      | is more than a day old | hours old         |

  Scenario: A backup that nobody harmed can be restored
    Given the platform operator took a backup
    When the platform operator checks the newest backup
    Then the backup can be restored

  Scenario: Of two backups at once the second is not begun
    Given somebody else takes a backup
    When the platform operator takes a backup
    Then the backup is refused because "this one was not begun"

  Scenario: A full volume ends a backup and says so
    When the platform operator takes a backup on a volume that is full
    Then the backup is refused because "The volume of the backups is full"

  Scenario: The oldest backup goes when there are more than are kept, and no other
    Given the platform has as many backups as it keeps
    When the platform operator takes a backup
    Then the oldest backup is gone, and the others can be restored

  Scenario: No backup goes while there are no more than are kept
    Given the platform has one backup fewer than it keeps
    When the platform operator takes a backup
    Then no backup is gone

  Scenario: A backup that is not begun removes none
    Given the platform has as many backups as it keeps
    And somebody else takes a backup
    When the platform operator takes a backup
    Then the backup is refused because "this one was not begun"
    And no backup is gone
