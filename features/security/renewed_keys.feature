@security @iceberg @connect
Feature: Renewed keys
  Keys that were copied or are too old are replaced. The platform operator makes another Secret and names it in the
  platform's values. Tables stay, and the keys and passwords of before open nothing any more. The charts' object store
  has one user, and tells whoever names another that nothing is there.

  Background:
    Given a data team with a platform of its own with every catalog on Spark 4.1.1
    And the team keeps a table of taxi trips in each catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

  Scenario: Keys of the object store are renewed, and those of before read no table
    When the platform operator renews the keys of the object store
    Then the table of each catalog holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And a reader with the keys of before is refused because "Status Code: 404"

  Scenario: Passwords of the databases are renewed, and those of before open none
    When the platform operator renews the passwords of the databases
    Then the table of each catalog holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And no database opens with its password of before
