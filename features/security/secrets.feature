@security @connect @cpu.0.5 @memory.2Gi
Feature: Secrets stay secret
  A platform reads its secrets from Kubernetes Secrets and passes them only to the programs that need them. They do not
  appear in its configuration, in the arguments of its programs or in their logs.

  Background:
    Given a data team whose platform asks for a token

  @critical
  Scenario: The content of a Secret appears nowhere else
    When the platform operator searches for the content of secrets
    Then no secret is found

  Scenario: A secret in a configuration is found
    Given a careless program wrote a secret into the configuration "notes"
    When the platform operator searches for the content of secrets
    Then a secret is found in the configuration "notes"
