@iceberg @connect
Feature: Catalogs
  A table belongs to its catalog and not to the session that wrote it. A later session finds the table in the catalog as
  it was left, even after restarts of the services. Files in the object store cannot be read with a wrong key; those of a
  catalog on a volume have none.

  Background:
    Given a lakehouse platform

  @critical @users
  Scenario Outline: A table of the <kind> catalog is read by another session
    Given a table of taxi trips in the "<kind>" catalog
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |
    When another data engineer reads the table
    Then the answer is
      | trip | zone   | fare |
      | 1    | Soho   | 12.5 |
      | 2    | Camden | 7.0  |

    @smoke
    Examples: kept by a service
      | kind |
      | hive |
      | rest |

    Examples: kept by drivers themselves
      | kind   |
      | hadoop |
      | jdbc   |

  @users
  Scenario Outline: A table of the <kind> catalog is not in another catalog
    Given a table of taxi trips in the "<kind>" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When a data engineer looks for the table in the "<other>" catalog
    Then the answer is refused because "TABLE_OR_VIEW_NOT_FOUND"

    Examples: catalogs in one object store
      | kind | other |
      | hive | rest  |
      | rest | jdbc  |
      | jdbc | hive  |

  @sole-user
  Scenario Outline: A table of the <kind> catalog outlives a restart of the <service>
    Given a table of taxi trips in the "<kind>" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When the platform operator restarts the <service>
    Then the table still holds
      | trip | zone | fare |
      | 1    | Soho | 12.5 |

    Examples: services that keep a table
      | kind | service        |
      | hive | hive metastore |
      | rest | rest catalog   |
      | rest | object store   |
      | jdbc | postgres       |

  @security
  Scenario: A wrong secret for the object store opens no table
    Given a table of taxi trips in the "rest" catalog
      | trip | zone | fare |
      | 1    | Soho | 12.5 |
    When somebody with a wrong secret for the object store reads the table
    Then the answer is refused because "Status Code: 403"
