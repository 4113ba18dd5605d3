@load @connect @cpu.0.5 @memory.2Gi
Feature: Sessions come and go
  The server runs for months, and sessions come and go. What is left of a session that was closed must not add up. Short
  here, and as long as one likes with `-D sessions=5000`. The threads of Spark's pools keep the session in which they
  began, so the platform has few of them.

  Background:
    Given a data team with a platform on Spark 4.1.1 that counts its live objects

  @critical
  Scenario: Sessions that are closed leave nothing in the driver's memory
    When sessions are opened and closed one after another
    Then the driver's memory is as it was

  Scenario: Sessions that stay open take memory
    When sessions are opened one after another and stay open
    Then the driver's memory has grown
