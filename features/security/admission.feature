@security
Feature: Admission of the charts
  A chart that renders is not yet one that installs: the API server of a namespace that enforces "restricted" is asked
  for every object that a chart makes, and for every pod that would come of one, with each of its presets.

  Scenario Outline: Every object of a chart is admitted in a restricted namespace
    Given a team with a restricted namespace
    When the team asks for all that the <chart> chart of Spark <version> renders
    Then all of it is admitted, whatever the preset

    @spark.4.1.1 @smoke
    Examples: the newest version
      | chart     | version |
      | lakehouse | 4.1.1   |

  @smoke
  Scenario: A team without room is refused the pods, and only those
    Given a team whose quota leaves room for no pods
    When the team asks for all that the lakehouse chart of Spark 4.1.1 renders
    Then its pods are refused because of "exceeded quota", and nothing else is
