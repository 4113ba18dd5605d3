Feature: Outlines
  @spark.<version>
  Scenario Outline: <name> of <version>
    Given nothing
    Then the table has <rows> rows
      | v         |
      | <version> |

    Examples: right
      | name | version | rows |
      | one  | 3.5     | 1    |
      | two  | 4.1     | 1    |

    @minor
    Examples: wrong
      | name  | version | rows |
      | three | 4.2     | 2    |
