@iceberg @connect @autoscaling @requires.keda @lock.landing
Feature: Work that landed objects start
  Other systems put objects into a folder of the object store at night, when nobody waits for them. They start the ingest
  by themselves. Without them no ingest runs; their counter does, and the Connect server, and both cost money. An ingest
  may be killed at any moment: each row is in the table once all the same. There is never a second one beside it, and none
  begins when nobody can say how many objects there are. The counter says how many objects there are to
  who brings its key, as KEDA does, and to nobody without it.

  Background:
    Given a landing-lakehouse platform
    And an empty table of orders that the ingest fills

  @critical
  Scenario: Objects that land start the ingest
    When a source system lands the orders
      | object | order | amount |
      | north  | 1     | 12.5   |
      | north  | 2     | 7.0    |
      | south  | 3     | 30.0   |
    Then the ingest brings each order into the table, once
    And no object is left, and no further ingest begins

  @critical
  Scenario: An empty folder starts nothing
    When KEDA asks 3 times for the number of objects
    Then no ingest has begun

  Scenario: An ingest that is killed after its commit loads nothing twice
    When a source system lands 40 orders, each in an object of its own, and the ingest is killed after its commit
    Then the ingest brings each order into the table, once
    And another ingest has moved what the killed one left, and committed nothing of it again

  @critical
  Scenario: An ingest that is killed while Spark commits loads nothing twice
    When the ingest of 40 orders is killed while Spark commits them, and Spark goes on
    Then the ingest brings each order into the table, once
    And another ingest has made good what the killed one left, in one commit

  Scenario: An ingest that is killed together with Spark in mid-commit loses nothing
    When the ingest of 40 orders is killed while Spark commits them, and Spark with it
    Then the ingest brings each order into the table, once
    And another ingest has made good what the killed one left, in one commit

  Scenario: However many objects land, one ingest is at work at a time
    When a source system lands 40 orders, each in an object of its own
    Then the ingest brings each order into the table, once
    And no two ingests were at work at once, though KEDA asked meanwhile

  Scenario: Without the counter nothing begins, and KEDA says so
    Given the platform operator has stopped the counter of objects
    When a source system lands the orders
      | object | order | amount |
      | north  | 1     | 12.5   |
    Then the objects wait, and KEDA says that it cannot count them
    And the ingest brings them into the table when there is a counter again

  Scenario Outline: With a counter that <does>, nothing begins, and KEDA says so
    Given the counter of objects <does>
    When a source system lands the orders
      | object | order | amount |
      | north  | 1     | 12.5   |
    Then the objects wait, and KEDA says that it cannot count them
    And the ingest brings them into the table when the counter is as before

    Examples: a counter that knows no number
      | does                          |
      | cannot reach the object store |

    Examples: another program in its place
      | does                             |
      | answers with what is no JSON     |
      | answers with words and no number |

  Scenario: Who has the key is told how many objects there are
    Given a source system has landed 5 orders, each in an object of its own
    When somebody asks with the key for the number of objects
    Then the number of objects is 5

  Scenario Outline: Who asks <key> is told nothing
    When somebody asks <key> for the number of objects
    Then the number of objects is not told because "<reason>"

    Examples: who has no key, and who has a wrong one
      | key              | reason                                 |
      | without a key    | The number is for who brings the key   |
      | with another key | This is not the key.                   |
