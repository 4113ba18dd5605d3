@charts
Feature: Charts keep their promises
  What the charts render has to hold for every preset, every Spark version and every component that can be switched on.
  Each promise is a sentence. A line of a chart that breaks one is found in seconds, before anything is installed.

  Background:
    Given the platform's charts

  Scenario: Each pod has the account, the token and the rights of its work
    When a chart maintainer renders every platform that the charts can make
    Then in each of them each pod runs as the account of its own component
    And in each of them only who starts pods has a token for the API server
    And in each of them an account brings no token to a pod that does not ask for one
    And in each of them an account may do what drivers do to executors, and nothing more
    And in each of them submitted drivers and their executors run as accounts of their own

  Scenario: Programs are told what they need, and no secret is shown
    When a chart maintainer renders every platform that the charts can make
    Then in each of them each container runs the program of its name, as its values say
    And in each of them each pod has the programs that its component is made of, and no others
    And in each of them Airflow reads each DAG once, though a volume of a ConfigMap has links back into it
    And in each of them what a program cannot start without is awaited before it starts
    And in each of them each program is told where the others are, and what its values say
    And in each of them the value of a Secret is given by reference, to who needs it and to nobody else
    And in each of them no ConfigMap, argument or plain variable holds a key, a token or a password

  Scenario: Tables and event logs lie apart, where they are looked for
    When a chart maintainer renders every platform that the charts can make
    Then in each of them every driver has the catalogs that are switched on, each told where its own service is
    And in each of them no two catalogs share a folder
    And in each of them every driver and the History Server reach the object store as values say
    And in each of them every driver writes its event log to where the History Server reads

  Scenario: Drivers are found, and executors come, work and go
    When a chart maintainer renders every platform that the charts can make
    Then in each of them executors find their driver by its Service
    And in each of them sessions see the time zone of the values, and share executors fairly
    And in each of them the work of a client that is gone ends soon, as its values say
    And in each of them a driver starts its executors as pods of its namespace, and they go with it
    And in each of them executors and drivers are as large as values say
    And in each of them executors come with the work and go when it is done
    And in each of them an executor that has to go finishes its work and hands over its blocks
    And in each of them a standalone cluster is found by its master's Service, and outlives it
    And in each of them nobody submits to a standalone cluster without being asked who they are
    And in each of them GPUs are counted alike by tasks, executors and Kubernetes, and RAPIDS uses them
    And in each of them every program of Spark has the settings that users and presets give it
    And in each of them a program finds no file and no setting that nobody asked for

  Scenario: Metrics are told under names that stay, and found
    When a chart maintainer renders every platform that the charts can make
    Then in each of them every program of Spark tells its metrics where monitoring is on, and nowhere else
    And in each of them the name of a metric is the same after each start and in each release
    And in each of them a Prometheus looks for each program's metrics where they are, and once
    And in each of them alerts watch each program that is there, where monitors are, and no other release
    And in each of them dashboards show what programs tell, where Grafana finds them

  Scenario: The network allows what components need
    When a chart maintainer renders every platform that the charts can make
    Then in each of them the network denies all but what components need of each other

  Scenario: A pod can do no more than its work needs
    When a chart maintainer renders every platform that the charts can make
    Then in each of them every object says what it belongs to
    And in each of them there are the objects of each component, and no others
    And in each of them no object says more than a platform needs
    And in each of them no container can write into its image
    And in each of them every pod is as restricted as Pod Security can ask
    And in each of them no pod has more of its node than it needs
    And in each of them each program finds its folders, and each folder has a volume
    And in each of them each volume is the one that its name says
    And in each of them each container may take what its values say
    And in each of them each pod goes where its values say
    And in each of them each container runs the image that is made for it
    And in each of them executors and drivers run the platform's own image
    And in each of them there are as many pods as values say, replaced one way
    And in each of them work that is done once is tried again until it is done
    And in each of them objects that land start a job, and never a second one beside it
    And in each of them KEDA asks the ingest's own counter, with the key that the counter has
    And in each of them a pod that has to go has time for what it is doing
    And in each of them a pod is replaced when its configuration changes
    And in each of them a drain takes workers one after another, and a server with its sessions only where values let it
    And in each of them autoscalers of nodes leave users' programs where they are, and may move all else
    And in each of them workers are as many as their autoscaler finds right
    And in each of them no autoscaler takes a worker away while there is an application, and one that waits brings another worker

  Scenario: Programs are found, and asked whether they work
    When a chart maintainer renders every platform that the charts can make
    Then in each of them a Service is for the cluster only, and selects the pods of one component
    And in each of them pods are found by name before they are ready
    And in each of them each port of a Service is one that its pods open
    And in each of them a program that others use is asked whether it works, by a question that it must answer
    And in each of them a program has time to start, and one that hangs is found
    And in each of them each container opens the ports by which others find it, and no others

  Scenario: Data is kept as values say
    When a chart maintainer renders every platform that the charts can make
    Then in each of them data lies on claims of their own, as large and as lasting as values say

  Scenario: At most a day of work is without a backup
    When a chart maintainer renders every platform that the charts can make
    Then in each of them a backup is taken at least every 24 hours

  Scenario: The charts' own tests ask what they are about
    When a chart maintainer renders every platform that the charts can make
    Then in each of them each component is used by one test, and refuses somebody in another
    And in each of them a test runs when it is asked for, once, and goes when it has passed
    And in each of them each test speaks with what it is about

  Scenario: Whoever says nothing gets what is safe
    When a chart maintainer renders every platform that the charts can make
    Then in each of them a platform whose values say nothing is closed, kept and watched

  Scenario: An alert that counts has something to count
    When a chart maintainer renders every platform that the charts can make
    Then in each of them a Prometheus reads often enough for what alerts count over minutes

  Scenario: Presets and environments change what they are for
    When a chart maintainer renders every platform that the charts can make
    Then in each of them a preset or an environment sets what it is for, and nothing else

  Scenario: Whatever value users change, every promise is kept
    When a chart maintainer changes each value of each chart where all is on, and switches its parts off
    Then every promise is kept
