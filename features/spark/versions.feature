@connect
Feature: Every Spark version
  A team chooses its Spark version with one setting of the chart; Spark 3.5 and 4.1 have a chart each. The behaviour that
  its users rely on is the same on each version.

  Scenario Outline: Executors of Spark <version> give the right answer
    Given a lakehouse platform on Spark <version>
    When a data engineer runs "SELECT sum(id) FROM range(0, 100000, 1, 4)"
    Then the answer is the single value 4999950000
    And executors did the work
    And the driver owns its executors

    Examples: Spark <version>
      | version |
      | every   |

  Scenario Outline: Client and server are both Spark <version>
    Given a lakehouse platform on Spark <version>
    When a data engineer runs "SELECT substring_index(version(), ' ', 1)"
    Then the answer is the single value "<version>"
    And the answer is the version that the client has

    Examples: Spark <version>
      | version |
      | every   |
