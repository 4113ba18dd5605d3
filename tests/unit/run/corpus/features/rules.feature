Feature: Rules
  Background:
    Given nothing

  Scenario: outside of rules
    Then the feature "Rules" is open

  Rule: one
    Background:
      Given a fact is kept

    Scenario: in one
      Then the rule "one" is open
      And the table has 1 rows
        | a |
        | 1 |

    Scenario: fails in one
      Then a check that does not hold

  @ruled
  Rule: two
    Scenario Outline: of <kind>
      Then the rule "two" is open
      And the text is "<kind>"
        """
        <kind>
        """

      Examples: sizes
        | kind  |
        | small |
        | large |

      @skip_in_before_scenario
      Examples: not here
        | kind   |
        | absent |

  @error_before_rule
  Rule: that cannot open
    Scenario: under a rule that cannot open
      Given nothing

  @error_after_rule
  Rule: that cannot close
    Scenario: under a rule that cannot close
      Given nothing
