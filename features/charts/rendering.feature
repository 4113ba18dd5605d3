@charts @smoke
Feature: Charts render
  A team picks a chart, a Spark version and presets, and installs them. Each preset renders the same objects each time,
  each two of them in either order, and Kubernetes knows all objects. No cluster is needed for that.

  Background:
    Given the platform's charts

  @critical
  Scenario: Every preset renders the same twice
    When a chart maintainer renders each chart in each version with each preset
    Then every rendering is the same the second time

  @critical
  Scenario: Every object fits Kubernetes
    When a chart maintainer renders each chart in each version with each preset
    Then every object fits the schemas of Kubernetes

  Scenario: Presets combine in any order
    When a chart maintainer renders each chart in each version with each two presets
    Then every rendering is the same in any order of its presets
    And every object fits the schemas of Kubernetes

  Scenario: A field that Kubernetes does not know is found
    Given a template with a misspelt field is in each chart
    When a chart maintainer renders each chart in each version with each preset
    Then the schemas of Kubernetes refuse the field "prots"
