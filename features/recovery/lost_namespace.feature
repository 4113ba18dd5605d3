@recovery @iceberg @connect @cpu.1.5 @memory.6Gi @limit.1200
Feature: Lost namespaces
  Who deletes a namespace takes the platform with all its volumes. A volume whose StorageClass retains it outlives that,
  so the backups on it are enough for the same platform, with other passwords and keys, in another namespace.

  @critical
  Scenario: A platform whose namespace was deleted comes back in another one from the volume of its backups
    Given a data team that owns a backed-up-lakehouse platform
    And a data engineer of the team
    And half of the generated trips in a table of each catalog that is kept in a database
    And a data engineer adds trips to the tables all the time
    And the platform operator took a backup meanwhile
    And the volume of the backups outlives its namespace
    When somebody deletes the platform's namespace
    And the platform operator installs the platform in another namespace, on the volume of its backups
    And the platform operator restores the newest backup
    Then what was committed before the backup is there, and what came after is named as lost
    And the recovery took at most 4 hours and lost at most 24 hours of work
