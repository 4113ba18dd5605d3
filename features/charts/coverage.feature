@charts
Feature: Charts are exercised
  A template, a branch or a value that nothing exercises is one that nobody would miss, or a fault that nobody sees.

  Background:
    Given the platform's charts

  Scenario: Hardly anything of the charts is never exercised
    When a chart maintainer exercises the charts
    Then less than 5 % of their templates, branches and values is never exercised

  Scenario: A branch that nothing takes is found
    Given a template with a branch that nothing takes is in each chart
    When a chart maintainer exercises the charts with their presets
    Then "a-branch-that-nothing-takes.yaml" is never exercised
