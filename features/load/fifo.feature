@load @connect @cpu.0.5 @memory.2Gi
Feature: Who asked first
  The charts let statements share the executors. Without that, one team's flood keeps all others waiting.

  Scenario: A team that floods a platform that serves who asked first starves another
    Given a data team with a platform on Spark 4.1.1 that serves who asked first
    When "rides" floods the platform while a data engineer of "finance" asks short questions
    Then "finance" is not answered 3 times as fast as "rides"
