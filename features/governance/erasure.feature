@governance @iceberg @connect
Feature: Erasure
  Somebody who asks to be forgotten, and a row whose time is over, have to be gone from the object store itself. A
  DELETE hides rows: earlier snapshots, branches, tags and files that a failed job has left still have them. So every
  file of the table's folder is read, unpacked, and searched.

  Background:
    Given a lakehouse platform

  @critical
  Scenario Outline: An erased customer of a table of the <kind> catalog is in no file any more
    Given a governed table of customers in the "<kind>" catalog
    And a customer who wants to be forgotten
    And that customer is in a branch, in a tagged snapshot and in a file of a failed job
    When the data steward erases that customer
    Then that customer is in no file of the table's folder in the object store
    And the table and its branches have all the other customers, and nobody else

    Examples: catalogs whose tables are in the object store
      | kind |
      | hive |
      | jdbc |
      | rest |

  @critical
  Scenario: A deleted customer is still in the object store
    Given a governed table of customers in the "rest" catalog
    And a customer who wants to be forgotten
    When a data engineer deletes that customer
    Then the table and its branches have all the other customers, and nobody else
    And that customer is still in a file of the table's folder in the object store

  Scenario: A customer who was deleted before is erased
    Given a governed table of customers in the "rest" catalog
    And a customer who wants to be forgotten
    And a data engineer has deleted that customer
    When the data steward erases that customer
    Then that customer is in no file of the table's folder in the object store
    And the table and its branches have all the other customers, and nobody else

  Scenario Outline: A customer whose erasure forgets <reach> is still in the object store
    Given a governed table of customers in the "rest" catalog
    And a customer who wants to be forgotten
    And that customer is in a branch, in a tagged snapshot and in a file of a failed job
    When the data steward erases that customer, but forgets <reach>
    Then that customer is still in a file of the table's folder in the object store

    Examples: what keeps rows
      | reach                    |
      | the data files           |
      | the branches             |
      | the tags                 |
      | the earlier snapshots    |
      | the files of failed jobs |

  Scenario: What is over its retention is erased, and the scan finds nothing then
    Given a governed table of customers in the "rest" catalog
    And a customer of 366 days ago
    And that customer is in a branch, in a tagged snapshot and in a file of a failed job
    When the data steward erases what is over its retention
    And the data steward scans the table's database
    Then the scan finds nothing
    And that customer is in no file of the table's folder in the object store
    And the table and its branches have all the other customers, and nobody else
