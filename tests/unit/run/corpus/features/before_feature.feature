@error_before_feature
Feature: whose before_feature breaks
  Scenario: one
    Given nothing

  Rule: of two
    Scenario: two
      Given nothing
