@autoscaling @requires.kueue @lock.kueue
Feature: Teams and their quotas
  Teams share a cluster by quotas: what is beyond a team's quota waits, and is told why, instead of failing. What a team
  does not use it lends, and gets back when it needs it. Whatever counts the quotas must never stop others.

  @connect @critical
  Scenario: Executors beyond a team's quota wait for it, and come when it is free
    Given a data team with a platform of its own that queues its executors
    And the team has a quota for 2 executors
    And a job of the team that runs
    When the data team runs work for 5 executors, and the job ends meanwhile
    Then executors waited because of "insufficient unused quota for cpu"
    And one executor worked meanwhile
    And one that had waited came when the job had ended
    And 2 executors did all the work
    And the work gives the right answer

  @connect @critical
  Scenario: Executors on what another team lends give way to its jobs, and the answer stays right
    Given a data team with a platform of its own that queues its executors
    And the team has a quota for one executor
    And another team of its cohort has a quota for 2 jobs
    When the data team runs work for 3 executors, and the other team starts 2 jobs meanwhile
    Then the other team's jobs run
    And 2 executors gave way to them
    And the executor on the team's own quota did the rest
    And the work gives the right answer

  Scenario: A team borrows what another does not use, and gives it back when it is needed
    Given a team with a restricted namespace
    And the team has a quota for 2 jobs
    And another team of its cohort has a quota for 2 jobs
    And 4 jobs of the team that run, 2 of them on what the other team does not use
    When the other team starts 2 jobs
    Then the other team's jobs run
    And 2 jobs of the team gave way to them, and its others run on
    And all jobs of the team run again when the other team's have ended

  Scenario: A job that asks for more than its team can ever have waits, and others do not wait for it
    Given a team with a restricted namespace
    And the team has a quota for 2 jobs
    When the team starts a job of 3 pods
    Then the job waits because of "(300m) > maximum capacity (200m)"
    And another job of the team runs

  Scenario: What names no queue waits for no quota
    Given a team with a restricted namespace
    And the team has a quota for one job
    And a job of the team that runs
    And another job of the team that waits
    When the team starts a job that names no queue
    Then it runs, while the other waits because of "insufficient unused quota for cpu"

  @serial
  Scenario: While Kueue is down, only teams with a queue wait for it
    Given a team with a restricted namespace
    And the team has a quota for 2 jobs
    And another team without a queue
    When the platform operator stops Kueue
    Then a pod of the team without a queue starts
    And a pod of the team with a queue is refused because of "failed calling webhook"
    And a job of the team runs when Kueue is there again
