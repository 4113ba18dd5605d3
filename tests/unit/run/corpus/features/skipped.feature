@skip_in_before_feature
Feature: Skipped
  Scenario: not wanted
    Then a check that does not hold

  Rule: neither
    Scenario: not wanted under a rule
      Then a check that does not hold
