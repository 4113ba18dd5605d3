@iceberg @connect
Feature: Metadata
  A table describes its commits and its files in metadata tables, which are read like any other table. The metadata
  needs very little storage compared with the data.

  @users
  Scenario: Metadata tables show the commits and the files of a table
    Given a lakehouse platform
    And a table of taxi trips
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |
    When a data engineer tags the first snapshot "audited"
    Then the metadata tables contain
      | table                | expression                            | value  |
      | snapshots            | count(*)                              | 2      |
      | history              | count_if(is_current_ancestor)         | 2      |
      | refs                 | count_if(name in ('main', 'audited')) | 2      |
      | files                | sum(record_count)                     | 3      |
      | entries              | count_if(status = 1)                  | 2      |
      | manifests            | sum(added_data_files_count)           | 2      |
      | partitions           | sum(record_count)                     | 3      |
      | all_data_files       | count(DISTINCT file_path)             | 2      |
      | metadata_log_entries | count(DISTINCT latest_snapshot_id)    | 2      |

  @users
  Scenario: A metadata table that does not exist is refused
    Given a lakehouse platform
    And a table of taxi trips
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When a data engineer reads the metadata table "secrets"
    Then the answer is refused because "TABLE_OR_VIEW_NOT_FOUND"

  Scenario: A million trips take at most 5 % more storage than as plain Parquet
    Given a lakehouse platform
    And 1000000 generated trips in a table
    When the same trips are written as plain Parquet
    Then the table's metadata takes at most 5 % of its data
    And the table takes at most 5 % more storage than plain Parquet
