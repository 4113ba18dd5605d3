@iceberg @connect @cpu.0.5 @memory.4Gi
Feature: Killed writers
  A commit takes effect completely or not at all. A writer that is killed before the end of its commit leaves files that
  the table does not refer to, and readers never see half of a commit.

  @critical
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
