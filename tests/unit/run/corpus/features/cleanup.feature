@error_feature_cleanup
Feature: whose clean-up breaks
  Scenario: fine
    Given nothing
