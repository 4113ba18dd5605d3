@security @requires.network-policy
Feature: Network policies
  A team decides who may reach its pods and what they may reach: what its policies do not allow is cut off, what they
  allow goes on.

  Background:
    Given a data team with a service

  @critical @smoke
  Scenario: A team that lets nobody in is cut off from other teams
    Given a pod of another team
    And the other team's pod can reach the service
    When the data team applies the policy "nobody comes in"
    Then the other team's pod cannot reach the service

  @critical
  Scenario: Whom a team lets in still reaches it
    Given a pod of the data team
    And a pod of another team
    And the data team applies the policy "nobody comes in"
    When the data team applies the policy "the team comes in"
    Then the data team's pod can reach the service
    And the other team's pod cannot reach the service

  Scenario: A team that only looks up names reaches nothing else
    Given a pod of the data team
    And the data team's pod can reach the service
    When the data team applies the policy "only names are looked up"
    Then the data team's pod cannot reach the service
    And the data team's pod can look up the service's name

  Scenario: A policy that is taken back cuts nobody off
    Given a pod of another team
    And the data team applies the policy "nobody comes in"
    And the other team's pod cannot reach the service
    When the data team takes the policy "nobody comes in" back
    Then the other team's pod can reach the service
