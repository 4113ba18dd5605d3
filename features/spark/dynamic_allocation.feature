@autoscaling @connect @smoke
Feature: Executors follow the work
  Executors cost money while they exist, so Spark starts them for work and removes them afterwards. A team never uses
  more of the cluster than its quota, even if it requests more.

  @critical
  Scenario: Executors come with the work and go when it is done
    Given a data team with a platform of its own
    When the data team runs work for 3 executors
    Then the work gives the right answer
    And at least 3 executors took part
    And 0 executors remain

  Scenario: A team's quota is never exceeded
    Given a data team whose quota allows 2 executors
    When the data team runs work for 3 executors
    Then the work gives the right answer
    And never more than 2 executors took part
