@connect
Feature: Sessions share the executors
  Many users work on one platform at a time, and most of their queries are short. A short query does not wait in a queue
  behind a long query that started earlier.

  Scenario: A short query does not wait for a long one
    Given a lakehouse platform
    When a data engineer runs a short query while work for 2 executors runs
    Then the short query is answered first
