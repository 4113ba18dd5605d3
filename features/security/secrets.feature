@security @connect @cpu.0.5 @memory.2Gi
Feature: Secrets stay secret
  A platform gets its secrets from Secrets, and hands them to programs where only these read them: whoever reads its
  configuration, the arguments of its programs or their logs learns none.

  Background:
    Given a data team whose platform asks for a token

  @critical
  Scenario: What a Secret holds is told nowhere else
    When the platform operator looks for what secrets hold
    Then it is told nowhere

  Scenario: A secret in a configuration is found
    Given a careless program wrote a secret into the configuration "notes"
    When the platform operator looks for what secrets hold
    Then it is told in the configuration "notes"
