@observability @requires.prometheus
Feature: Alerts
  An alert tells the platform operator of a problem before users do. The platform's own rules fire on their causes, and
  are silent while the platform is healthy.

  @sole-user
  Scenario Outline: A healthy <platform> platform at work has no alert
    Given a <platform> platform
    And an executor of the platform
    And Prometheus reads every program of the platform
    When Prometheus evaluates the platform's alerts
    Then every series that the alerts use has data
    And no alert fires

    Examples: Platforms
      | platform             |
      | monitored            |
      | monitored-standalone |

  @sole-user
  Scenario: Executors that the team's quota has no room for are reported
    Given a monitored platform
    And a quota of 0 executors for the team
    And alerts of the platform, of which none fires
    When a data engineer starts a query for one executor
    Then the alert SparkExecutorsPending fires
    And the alert SparkExecutorsPending ends when the quota has room again
    And the query is answered

  @sole-user
  Scenario: A driver that does not come back is reported, until it does
    Given a monitored platform
    And alerts of the platform, of which none fires
    When the driver is lost and the quota has no room for another
    Then the alert SparkDriverDown fires
    And the alert SparkDriverDown ends when the quota has room again

  @disruptive
  Scenario: Stages that fail are reported
    Given a monitored platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs "SELECT raise_error('no such patient') FROM range(0, 10, 1, 2)"
    Then the answer is refused because "no such patient"
    And the alert SparkStagesFail fires

  @airflow @disruptive
  Scenario: A task of Airflow that fails is reported by its name
    Given a monitored-orchestration platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs the "without orders" DAG
    Then the run fails at "count" after 1 tries because "There are no orders."
    And the alert AirflowTasksFail fires and says "The task count of the DAG without-orders failed"

  @airflow
  Scenario: A run of Airflow that succeeds raises no alert
    Given a monitored-orchestration platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs the "with orders" DAG
    Then the run succeeds
    And no alert fires

  @disruptive
  Scenario: Tasks that fail and are tried again are reported, though the answer is right
    Given a monitored-standalone platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs
      """
      SELECT sum(trip) AS trips FROM (
        SELECT IF(java_method('java.lang.System', 'setProperty', concat('tried ', id), 'once') = 'null',
          raise_error('the first attempt fails'), id) AS trip
        FROM range(0, 40, 1, 40))
      """
    Then the answer is the single value 780
    And the alert SparkTasksFail fires
    And the alert SparkStagesFail does not

  @disruptive
  Scenario: A master that does not come back is reported, until it does
    Given a monitored-standalone platform
    And alerts of the platform, of which none fires
    When the platform operator stops the master
    Then the alert SparkMasterDown fires
    And the alert SparkMasterDown ends when there is a master again

  @sole-user
  Scenario: Workers that do not come back are reported, until they do
    Given a monitored-standalone platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When the workers are lost and the quota has no room for others
    Then the alert SparkWorkersLost fires
    And the alert SparkWorkersLost ends when the quota has room again

  @sole-user
  Scenario: An application that no worker serves is reported, until one does
    Given a monitored-standalone platform
    And the driver has started again while there are no workers
    And alerts of the platform, of which none fires
    When a data engineer starts a query for one executor
    Then the alert SparkApplicationsWaiting fires
    And the alert SparkApplicationsWaiting ends when there are workers again
    And the query is answered

  @sole-user
  Scenario: A driver that nobody has asked for anything waits for no worker
    Given a monitored-standalone platform
    And alerts of the platform, of which none fires
    When the platform operator kills the driver
    Then the platform's sessions have had no executor yet
    And the alert SparkApplicationsWaiting does not

  @disruptive
  Scenario: Executors that collect garbage instead of working are reported
    Given a monitored-standalone platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs
      """
      SELECT count(collected) AS collections FROM (
        SELECT java_method('java.lang.System', 'gc') AS collected FROM range(0, 800, 1, 16))
      """
    Then the answer is the single value 800
    And the alert SparkGarbageCollection fires
    And the alert SparkTasksFail does not

  @disruptive
  Scenario: Events that the event log does not keep up with are reported, though the answer is right
    Given a monitored-lakehouse platform
    And an event log that keeps up with one event at a time
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs "SELECT sum(id) FROM range(0, 400, 1, 400)" in a new session
    Then the answer is the single value 79800
    And the alert SparkEventsLost fires

  Scenario: An event log that keeps up raises no alert
    Given a monitored-lakehouse platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When a data engineer runs "SELECT sum(id) FROM range(0, 400, 1, 400)"
    Then the answer is the single value 79800
    And the alert SparkEventsLost does not

  @requires.kube-state-metrics
  Scenario: A platform whose backup was taken when its time came has no alert
    Given a monitored-lakehouse platform
    And an executor of the platform
    And Prometheus reads every program of the platform
    And alerts of the platform, of which none fires
    When the next minute is the time of the schedule
    Then the backup is taken
    And every series that the alerts use has data
    And no alert fires

  @requires.kube-state-metrics @sole-user
  Scenario: A schedule of backups that somebody deleted is reported, until it is there again
    Given a monitored-lakehouse platform
    And alerts of the platform, of which none fires
    When somebody deletes the schedule of the backups
    Then the alert SparkBackupOverdue fires
    And the alert SparkBackupOverdue ends when the schedule is there again

  @requires.kube-state-metrics @sole-user
  Scenario: Secrets that are older than they may be are reported by their names
    Given a monitored-lakehouse platform
    And alerts of the platform, of which none fires
    When the platform's Secrets may be 10s old
    Then the alert SparkSecretOld fires and says "The Secret object-store is older than 10s"
    And the alert SparkSecretOld fires and says "The Secret postgres is older than 10s"
    And the alert SparkSecretOld ends when the Secrets may be as old as before

  @requires.kube-state-metrics @sole-user
  Scenario: A Secret that somebody deleted is reported before a pod needs it again, until it is there again
    Given a monitored-lakehouse platform
    And alerts of the platform, of which none fires
    When somebody deletes the Secret object-store
    Then the alert SparkSecretOld fires and says "The Secret object-store"
    And the alert SparkSecretOld ends when the Secret is there again
