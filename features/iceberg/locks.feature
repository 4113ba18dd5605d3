@iceberg @connect
Feature: Locks of tables in a Hive Metastore
  A Hive Metastore cannot compare and swap the state of a table, so whoever commits holds the table's lock for that moment.
  A writer waits while somebody else holds it, for three minutes at most. A writer who gets no lock is told so, and has
  changed nothing. Who is killed while they hold it gives nothing back; the metastore does after some minutes.

  Background:
    Given a lakehouse platform
    And an empty table of taxi trips in the "hive" catalog
    And somebody else holds the lock of the table

  @critical
  Scenario: A writer waits while somebody else holds the lock, and commits when it is given back
    When a data engineer adds trips, and the lock is given back 10 seconds later
      | trip | zone   | fare |
      | 1    | Ealing | 9.0  |
    Then the change waited for the lock, and was accepted
    And the table holds
      | trip | zone   | fare |
      | 1    | Ealing | 9.0  |

  Scenario: A writer who never gets the lock is told so, and has changed nothing
    When a data engineer who tries to get a lock for 5 seconds adds trips
      | trip | zone   | fare |
      | 1    | Ealing | 9.0  |
    Then the answer is refused because "waiting for lock on"
    And the table is unchanged

  @slow
  Scenario: The lock of a writer who was killed is given back by the metastore
    When whoever holds the lock is killed
    Then a data engineer's change is refused at first, and accepted within 10 minutes
      | trip | zone   | fare |
      | 1    | Ealing | 9.0  |
    And the table holds
      | trip | zone   | fare |
      | 1    | Ealing | 9.0  |
