@security @requires.network-policy
Feature: Network policies
  A team decides which clients may reach its pods, and what its pods may reach. Connections that its policies do not
  allow are blocked, and connections that they allow still work.

  Background:
    Given a data team with a service

  @critical @smoke
  Scenario: A policy that denies all ingress cuts off other teams
    Given a client pod in another namespace
    And the client pod in the other namespace can reach the service
    When the data team applies the policy "deny all ingress"
    Then the client pod in the other namespace cannot reach the service

  @critical
  Scenario: A client pod that a policy allows still reaches the service
    Given a client pod in the same namespace
    And a client pod in another namespace
    And the data team applies the policy "deny all ingress"
    When the data team applies the policy "allow ingress from the team"
    Then the client pod in the same namespace can reach the service
    And the client pod in the other namespace cannot reach the service

  Scenario: A team that may only resolve names reaches nothing else
    Given a client pod in the same namespace
    And the client pod in the same namespace can reach the service
    When the data team applies the policy "allow only DNS egress"
    Then the client pod in the same namespace cannot reach the service
    And the client pod in the same namespace can resolve the service's name

  Scenario: A deleted policy cuts nobody off
    Given a client pod in another namespace
    And the data team applies the policy "deny all ingress"
    And the client pod in the other namespace cannot reach the service
    When the data team deletes the policy "deny all ingress"
    Then the client pod in the other namespace can reach the service
