@load @connect @cpu.0.5 @memory.2Gi
Feature: Who asked first
  The charts let statements share the executors. On a platform where who asked first is served first, one team's flood
  keeps all others waiting. That sharing helps is asked apart (features/load/engineers.feature): where a machine is so
  full that it does not, this criterion passes all the same.

  Scenario: A team that floods a platform that serves who asked first starves another
    Given a data team with a platform on Spark 4.1.1 that serves who asked first
    When "rides" floods the platform while a data engineer of "finance" asks short questions
    Then "finance" is not always answered 3 times as fast as "rides"
