@observability @submit @requires.prometheus
Feature: Drivers of submitted applications
  Nobody knows the driver of tonight's application before it starts. While one that was submitted in cluster mode works,
  Prometheus reads it and its executors, under labels that tell whose they are. A driver in client mode is a program of
  the submitting pod, and no monitor chooses it. Where a platform has no monitors, nobody reads its drivers.

  Background:
    Given a monitored-submission platform
    And Prometheus reads every program of the platform

  @critical
  Scenario: A driver that was submitted in cluster mode is monitored while it works
    Given its "patient sum" application is at work in cluster mode
    When Prometheus looks for the application's driver
    Then Prometheus has numbers of the application's driver and executors under their own labels

  Scenario: A driver of a platform without monitors is not read
    Given a lakehouse platform
    And its "patient sum" application is at work in cluster mode
    When Prometheus looks for the application's driver
    Then Prometheus reads nothing of the application's driver
