@iceberg @connect @users
Feature: Writers at the same time
  Nobody locks a table while they work on it; who commits to a table in a Hive Metastore does, for that moment. Each writer
  commits against the state that it has read, and a writer that commits second is retried or refused. In each case an
  accepted change is in the table once, and a refused change is not.

  Background:
    Given a lakehouse platform
    And an empty table of taxi trips in the "<catalog>" catalog
    And a second data engineer

  @critical
  Scenario Outline: Trips that two writers add at the same time are all there, each once, in the <catalog> catalog
    When both data engineers add a trip at the same time, 50 times
    Then every change was accepted
    And the table has each accepted change exactly once

    Examples: a folder of files
      | catalog |
      | hadoop  |

    Examples: kept by a service
      | catalog |
      | hive    |
      | rest    |

    Examples: kept in a database
      | catalog |
      | jdbc    |

  @critical
  Scenario Outline: Two writers that change one trip at the same time do not undo each other's changes in the <catalog> catalog
    When both data engineers add the same trip or raise its fare at the same time, 50 times
    Then one change was accepted each time, and only conflicting changes were refused
    And the table has each accepted change exactly once

    Examples: a folder of files
      | catalog |
      | hadoop  |

    Examples: kept by a service
      | catalog |
      | hive    |
      | rest    |

    Examples: kept in a database
      | catalog |
      | jdbc    |

  Scenario Outline: A committed change is visible to another session at once in the <catalog> catalog
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

    Examples: kept in a database
      | catalog |
      | jdbc    |
