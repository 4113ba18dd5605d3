@error_after_feature
Feature: whose after_feature breaks
  Scenario: one
    Given nothing

  Rule: of two
    Scenario: two
      Given nothing
