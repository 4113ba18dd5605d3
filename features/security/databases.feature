@security @iceberg @connect
Feature: Databases of catalogs
  The catalogs of a platform keep their state in one database server, where each has a database and a user of its own.
  Whoever has the password of one, as every driver has, gets at that catalog and at no other.

  Background:
    Given a lakehouse platform

  Scenario: Whoever has the password of a database opens it
    When a program opens the "jdbc" database with the password of "jdbc"
    Then the database is opened

  @critical
  Scenario: Whoever has the password of one database opens no other
    When a program opens each database with the password of each
    Then each password opens its own database, and no other

  @critical
  Scenario: Nobody opens a database with a wrong password
    When a program opens the "jdbc" database with a wrong password
    Then the database is not opened because "password authentication failed"
