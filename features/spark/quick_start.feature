@connect @cpu.0.5 @memory.2Gi
Feature: The quick start
  The platform promises a newcomer a first answer within 15 minutes, by the commands of docs/quick-start.md. They are run
  as they stand on the page, and the report shows after how many seconds the answer came.

  @critical
  Scenario: A newcomer gets a first answer within 15 minutes
    Given a data team without a platform, on nodes that have the images
    When a newcomer follows the recipe "quick-start"
    Then its commands succeed, and say
      | words                         |
      | the sum is 4999950000         |
      | the fare is 7.0 and was 12.5  |
      | release "spark" uninstalled   |
    And "the sum is 4999950000" came within 15 minutes
