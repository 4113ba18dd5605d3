@iceberg @connect @cpu.0.5 @memory.6Gi
Feature: Readers while a writer is killed
  Each snapshot of a table is whole. Whoever reads all the time, with a driver that nothing happens to, sees the table
  as it was before a commit or after it, also when the writer is killed in between. The files alone do not tell that.

  Background:
    Given a data team with a platform of its own that submits applications
    And a data engineer of the team
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  @critical
  Scenario: Whoever reads while a writer is killed sees whole commits and no half of one
    Given a reader with a driver of its own counts the trips in the table all the time
    When the platform is killed while it commits 100 trips at a time and the reader counts, and comes back
    Then the table is as it was before the killed commit
    And the reader saw only whole commits

  Scenario: Whoever reads the table's files sees trips that the killed writer has not committed
    Given a reader with a driver of its own counts the trips in its files all the time
    When the platform is killed while it commits 100 trips at a time and the reader counts, and comes back
    Then the table is as it was before the killed commit
    And the reader saw trips that nobody has committed
