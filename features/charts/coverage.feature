@charts
Feature: Charts are exercised
  A template, a branch or a value that is never exercised is either unused, or it may have a fault that no criterion
  finds.

  Background:
    Given the platform's charts

  Scenario: Less than 5 % of the charts is never exercised
    When a chart maintainer exercises the charts
    Then less than 5 % of their templates, branches and values is never exercised

  Scenario: A template branch that is never taken is found
    Given a template with a branch that nothing takes is in each chart
    When a chart maintainer exercises the charts with their presets
    Then "a-branch-that-nothing-takes.yaml" is never exercised

  Scenario: A value that nothing reads is found
    Given a value "nobodyReadsThis" that nothing reads is in each chart
    When a chart maintainer exercises the value "nobodyReadsThis" of the charts
    Then "nobodyReadsThis" is never exercised
