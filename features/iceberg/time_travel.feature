@iceberg @connect @users
Feature: Time travel
  An Iceberg table keeps every committed state, so a data engineer can read the data of an earlier report again. Reading
  an earlier state never changes the current state.

  Background:
    Given a lakehouse platform
    And a table of taxi trips in the "<catalog>" catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And these trips were added later
      | trip | zone | fare |
      | 3    | Soho | 30.0 |

  @critical @smoke
  Scenario Outline: An earlier snapshot still holds its rows in the <catalog> catalog
    When a data engineer reads the table as of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table is unchanged

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

  @smoke
  Scenario Outline: An earlier moment still holds its rows in the <catalog> catalog
    When a data engineer reads the table as of the moment of its first snapshot
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    And the table is unchanged

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

  @smoke
  Scenario Outline: A snapshot is found again by its tag in the <catalog> catalog
    When a data engineer tags the first snapshot "audited"
    Then the table as of "audited" is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

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

  Scenario Outline: A branch takes commits separately from the table in the <catalog> catalog
    Given a branch "review" of the first snapshot
    When a data engineer adds these trips to the branch "review"
      | trip | zone   | fare |
      | 4    | Ealing | 9.0  |
    Then the table as of "review" is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 4    | Ealing | 9.0  |
    And the table holds
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
      | 3    | Soho   | 30.0 |

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

  @smoke
  Scenario Outline: A state that never existed cannot be read: <reference> of the <catalog> catalog
    When a data engineer reads the table as of <reference>
    Then the answer is refused because "<reason>"

    Examples: a folder of files
      | catalog | reference                        | reason                                        |
      | hadoop  | snapshot 1                       | Cannot find snapshot with ID 1                |
      | hadoop  | the moment "2001-01-01 00:00:00" | Cannot find a snapshot older than 2001-01-01  |
      | hadoop  | the name "nothing"               | Cannot find matching snapshot ID or reference |

    Examples: kept by a service
      | catalog | reference                        | reason                                        |
      | hive    | snapshot 1                       | Cannot find snapshot with ID 1                |
      | rest    | snapshot 1                       | Cannot find snapshot with ID 1                |
      | hive    | the moment "2001-01-01 00:00:00" | Cannot find a snapshot older than 2001-01-01  |
      | rest    | the moment "2001-01-01 00:00:00" | Cannot find a snapshot older than 2001-01-01  |

    Examples: kept in a database
      | catalog | reference                        | reason                                        |
      | jdbc    | snapshot 1                       | Cannot find snapshot with ID 1                |
      | jdbc    | the moment "2001-01-01 00:00:00" | Cannot find a snapshot older than 2001-01-01  |
