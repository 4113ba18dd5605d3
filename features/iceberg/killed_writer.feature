@iceberg @connect
Feature: Killed writers
  A commit takes effect completely or not at all, whatever keeps the table. A writer that is killed before the end of its
  commit leaves files that the table does not refer to, and readers never see half of a commit. What it has committed
  before stays.

  @critical @cpu.0.5 @memory.4Gi
  Scenario: A writer that is killed in mid-commit leaves the table as it was
    Given a data team with a platform of its own
    And a data engineer of the team
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When the platform is killed while it commits one of these trips, and comes back
      | trip | zone   | fare |
      | 3    | Soho   | 30.0 |
      | 4    | Ealing | 9.0  |
      | 5    | Soho   | 11.0 |
      | 6    | Newham | 8.0  |
    Then the table is as it was before the killed commit
    And the table accepts new trips
      | trip | zone   | fare |
      | 7    | Camden | 5.0  |

  @critical @sole-user
  Scenario Outline: A writer that is killed in mid-commit leaves the table of the <kind> catalog as it was
    Given a lakehouse platform
    And a table of taxi trips in the "<kind>" catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When the platform is killed while it commits 20 trips one by one, and comes back
    Then the table is as it was before the killed commit
    And the table accepts new trips
      | trip | zone   | fare |
      | 7    | Camden | 5.0  |
    And the files that the killed writer left can be removed, and the table reads as before

    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept in a database
      | kind |
      | jdbc |

  @sole-user
  Scenario: What a writer had committed before it was killed stays
    Given a lakehouse platform
    And a table of taxi trips in the "hive" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When the platform is killed when it has committed these trips, and comes back
      | trip | zone   | fare |
      | 2    | Camden | 7.0  |
    Then the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
