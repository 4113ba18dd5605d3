@resilience @sole-user
Feature: A component that is lost while the quota has no room
  A team's quota may have no room when a component is lost. What runs goes on; what was lost does not come, and the platform
  says why. It comes by itself when the quota has room. docs/operations/resilience.md says what users notice meanwhile.

  Scenario Outline: What is lost while the quota has no room comes back when it has: <component>
    Given a <platform> platform
    When somebody kills the "<component>" while the quota has no room
    Then what was lost does not come back because "exceeded quota"
    And nothing else of the platform has ended
    And what was lost comes back when the quota has room again

    Examples: what gives applications their executors
      | component          | platform   |
      | standalone master  | standalone |
      | standalone workers | standalone |

    Examples: what people look at
      | component      | platform |
      | History Server | tracking |

    @airflow
    Examples: pipelines
      | component | platform      |
      | Airflow   | orchestration |

    @mlflow
    Examples: experiments
      | component | platform |
      | MLflow    | tracking |

    @jupyter
    Examples: notebooks
      | component  | platform  |
      | JupyterLab | workbench |

  @jupyter
  Scenario: A component that is lost while the quota has room comes back by itself
    Given a workbench platform
    When somebody kills the "JupyterLab" while the quota has room
    Then what was lost comes back by itself
    And nothing else of the platform has ended
