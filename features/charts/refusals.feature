@charts @smoke
Feature: Charts refuse what cannot work
  Settings that are misspelt, or that cannot work together, are refused when the chart is rendered, in a sentence; not by
  pods that never become ready.

  Background:
    Given the platform's charts

  @critical
  Scenario: A misspelt setting is refused
    When a platform engineer misspells each setting in turn
    Then each is refused because "not allowed"

  Scenario Outline: Installing with <settings> is refused
    When a platform engineer asks for <settings>
    Then each is refused because "<reason>"

    Examples: what cannot work
      | settings                                    | reason                                          |
      | a Spark version that no chart installs      | is not one of this chart's                      |
      | dynamic allocation without shuffle tracking | Dynamic allocation loses shuffle files          |
      | more executors at least than at most        | minExecutors (3) is more than maxExecutors (2). |
