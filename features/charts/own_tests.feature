@charts
Feature: The charts' own tests notice
  After an installation an operator runs `helm test` and believes it. A test that accepts every answer, or that asks a
  port which nobody serves, is worse than none. The test that uses the object store signs what it asks, so that only a
  store can answer it rightly, and is left out here.

  Background:
    Given the platform's charts

  Scenario: Each of the charts' own tests fails where it is answered wrongly
    When a chart maintainer renders the charts with everything switched on
    Then each of their own tests passes where it is answered rightly
    And each of their own tests fails where it is answered wrongly
