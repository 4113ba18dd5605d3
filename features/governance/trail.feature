@governance @iceberg @connect
Feature: Who changed a table
  An auditor asks who changed a table. Its snapshots name the application, and Spark's record of statements names the
  user whose statement was under way. The user is whom the client said that it is.

  Background:
    Given a lakehouse platform
    And a governed table of customers in the "rest" catalog

  @critical
  Scenario: The users who added and deleted a customer are found
    Given the data engineer "ada" has added a customer to the table
    And the data engineer "ben" has deleted that customer
    When an auditor asks who changed the table
    Then the last changes of the table are
      | user | change |
      | ada  | append |
      | ben  | delete |

  @sole-user
  Scenario: The users are found in the event log when the driver has ended
    Given the data engineer "ada" has added a customer to the table
    When the platform's driver ends
    And an auditor asks the history who changed the table
    Then the last changes of the table are
      | user | change |
      | ada  | append |

  Scenario: Somebody who only reads a table is not among those who changed it
    Given the data engineer "ben" was reading the table while "ada" added a customer to it
    When an auditor asks who changed the table
    Then the last changes of the table are
      | user | change |
      | ada  | append |
