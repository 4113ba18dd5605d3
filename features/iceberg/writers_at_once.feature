@iceberg @connect
Feature: Writers at the same time
  Nobody waits for a lock: each writer commits against the state that it has read, and who comes second is tried again
  or refused. Whatever happens, an accepted change is in the table once, and a refused one is not.

  Background:
    Given a lakehouse platform
    And an empty table of taxi trips in the "<catalog>" catalog
    And a second data engineer

  @critical
  Scenario Outline: Trips that two add at the same time are all there, each once, in the <catalog> catalog
    When both add a trip at the same time, 50 times
    Then every change was accepted
    And the table has all that was accepted, once

    Examples: a folder of files
      | catalog |
      | hadoop  |

    Examples: kept by a service
      | catalog |
      | hive    |
      | rest    |

  @critical
  Scenario Outline: Of two who change one trip at the same time, neither undoes the other, in the <catalog> catalog
    When both add or raise the same trip at the same time, 50 times
    Then one was accepted each time, and refused was only who came second
    And the table has all that was accepted, once

    Examples: a folder of files
      | catalog |
      | hadoop  |

    Examples: kept by a service
      | catalog |
      | hive    |
      | rest    |

  Scenario Outline: What one has committed the other reads at once, in the <catalog> catalog
    Given the second data engineer has read the table
    When a data engineer runs "INSERT INTO trips VALUES (1, 'Ealing', 9.0)"
    Then the second data engineer reads
      | trip | zone   | fare |
      | 1    | Ealing | 9.0  |

    Examples: a folder of files
      | catalog |
      | hadoop  |

    Examples: kept by a service
      | catalog |
      | hive    |
      | rest    |
