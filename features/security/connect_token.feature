@security @connect @cpu.0.5 @memory.2Gi
Feature: Spark Connect asks for a token
  Every client that reaches the server can run programs with the team's rights. So a platform can require a token from
  its users. Only Spark 4 supports this.

  @critical
  Scenario: Only a user with the token is let in
    Given a data team whose platform asks for a token
    When a data engineer runs "SELECT 1 + 1" in a new session
    Then the answer is the single value 2
    And a user without a token is refused because "No authentication token provided"
    And a user with another token is refused because "Invalid authentication token"
