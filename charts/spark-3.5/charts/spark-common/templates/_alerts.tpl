{{- /* The alerts of a release, each on its own metrics alone, as the monitors' labels tell them from others. */ -}}
{{- define "spark-common.prometheusRule" -}}
{{- $monitoring := .root.Values.monitoring -}}
{{- if and (include "spark-common.enabled" .) $monitoring.monitors.enabled $monitoring.rules.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  {{- include "spark-common.metadata" (merge (dict "moreLabels" $monitoring.rules.labels) .) | nindent 2 }}
spec:
  groups:
    - name: {{ printf "%s-%s" .root.Release.Namespace .root.Release.Name | quote }}
      rules:
        {{- range $name, $alert := include "spark-common.alerts" . | fromYaml }}
        - alert: {{ $name }}
          expr: {{ $alert.expr | quote }}
          for: {{ $monitoring.rules.wait }}
          labels:
            severity: {{ $alert.severity }}
            namespace: {{ $.root.Release.Namespace | quote }}
            app_kubernetes_io_instance: {{ $.root.Release.Name | quote }}
          annotations:
            summary: {{ $alert.summary | quote }}
        {{- end }}
{{- end -}}
{{- end -}}

{{- /*
The alerts by name. Whoever is down has no metrics, so its absence is asked for. A share is that of some minutes, so that
one of a few tasks does not count as much as one of many.
*/ -}}
{{- define "spark-common.alerts" -}}
{{- $release := printf "namespace=%q, app_kubernetes_io_instance=%q" .root.Release.Namespace .root.Release.Name -}}
{{- $own := printf "{%s}" $release -}}
{{- $window := include "spark-common.alerts.window" .root -}}
{{- if include "spark-common.enabled" (dict "root" .root "component" "connect") }}
SparkDriverDown:
  expr: absent(up{job="connect", {{ $release }}} == 1)
  severity: critical
  summary: The Connect server does not answer, so no session can be opened.
{{- end }}
{{- if include "spark-common.enabled" (dict "root" .root "component" "master") }}
SparkMasterDown:
  expr: absent(up{job="master", {{ $release }}} == 1)
  severity: critical
  summary: The master does not answer, so no application gets executors.
{{- $worker := .root.Values.worker }}
# A master counts a worker that is gone for 16 minutes, also when another one has taken its place, and forgets it when it
# starts again; so those at work are compared with those that there have to be.
SparkWorkersLost:
  expr: metrics_master_aliveWorkers_Value{{ $own }} < {{ ternary $worker.autoscaling.minReplicas $worker.replicas $worker.autoscaling.enabled }}
    {{- if include "spark-common.worker.followsApplications" .root }} and metrics_master_apps_Value{{ $own }} > 0{{ end }}
  severity: warning
  summary: There are fewer workers than there have to be.
{{- $executors := "metrics_spark_driver_ExecutorAllocationManager_executors" }}
# An application waits until it has had an executor. A driver that has done no task and asks for no executor waits for
# users, and not for workers.
SparkApplicationsWaiting:
  expr: >-
    sum(metrics_master_waitingApps_Value{{ $own }})
    > (count({{ $executors }}_numberTargetExecutors_Value{{ $own }} == 0
    unless on (pod) metrics_spark_driver_appStatus_tasks_completedTasks_Count{{ $own }} > 0) or vector(0))
  severity: warning
  summary: Applications wait for cores or memory of workers.
{{- end }}
SparkExecutorsPending:
  expr: >-
    metrics_spark_driver_ExecutorAllocationManager_executors_numberTargetExecutors_Value{{ $own }}
    > metrics_spark_driver_ExecutorAllocationManager_executors_numberAllExecutors_Value{{ $own }}
  severity: warning
  summary: Executors that the work needs do not come; a quota or the nodes have no room for them.
SparkStagesFail:
  expr: increase(metrics_spark_driver_appStatus_stages_failedStages_Count{{ $own }}[{{ $window }}]) > 0
  severity: warning
  summary: Stages failed, and with them what users asked for.
SparkTasksFail:
  expr: >-
    increase(metrics_spark_driver_appStatus_tasks_failedTasks_Count{{ $own }}[{{ $window }}])
    > 0.1 * increase(metrics_spark_driver_appStatus_tasks_completedTasks_Count{{ $own }}[{{ $window }}])
  severity: warning
  summary: More than one task in ten fails and is tried again.
{{- $ofExecutors := printf "{executor_id!=\"driver\", %s}" $release }}
# A driver tells as its own what its executors tell of tasks, and the time since it started is none of theirs.
SparkGarbageCollection:
  expr: >-
    sum by (pod) (increase(metrics_executor_totalGCTime_seconds_total{{ $ofExecutors }}[{{ $window }}]))
    > 0.2 * sum by (pod) (increase(metrics_executor_totalDuration_seconds_total{{ $ofExecutors }}[{{ $window }}]))
  severity: warning
  summary: Executors spend more than a fifth of their tasks' time on garbage collection; give them more memory.
{{- if include "spark-common.enabled" (dict "root" .root "component" "airflow") }}
{{- $failed := printf "airflow_ti_failures%s" $own }}
# A task that never failed has no number, so its first failure is no growth: a number that is new counts as well.
AirflowTasksFail:
  expr: >-
    sum by (dag_id, task_id) (increase({{ $failed }}[{{ $window }}])) > 0
    or sum by (dag_id, task_id) ({{ $failed }} unless {{ $failed }} offset {{ $window }}) > 0
  severity: warning
  summary: The task {{ "{{ $labels.task_id }}" }} of the DAG {{ "{{ $labels.dag_id }}" }} failed; its log in Airflow says why.
{{- end }}
{{- if .root.Values.eventLog.enabled }}
SparkEventsLost:
  expr: increase(metrics_spark_driver_LiveListenerBus_queue_eventLog_numDroppedEvents_Count{{ $own }}[{{ $window }}]) > 0
  severity: warning
  summary: The event log does not keep up, so the History Server will not show all that happened.
{{- end }}
{{- if include "spark-common.enabled" (dict "root" .root "component" "backup") }}
{{- /*
A backup ends with its Job, so kube-state-metrics says when the last one succeeded. Jobs that somebody made by hand do
not count: a check or a restore is no backup. A CronJob that was just created has the time that a backup may take.
*/ -}}
{{- $backup := include "spark-common.name" (dict "root" .root "component" "backup") }}
{{- $created := printf "kube_cronjob_created{namespace=%q, cronjob=%q}" .root.Release.Namespace $backup }}
{{- $hours := add .root.Values.backup.maxAgeHours 2 }}
SparkBackupOverdue:
  expr: >-
    time() - max(kube_job_status_completion_time{namespace={{ .root.Release.Namespace | quote }}, job_name=~"{{ $backup }}-[0-9]+"}
    or {{ $created }}) > {{ mul $hours 3600 }} or absent({{ $created }})
  severity: critical
  summary: No backup succeeded for {{ $hours }} hours, or nothing says so, since no kube-state-metrics is read.
{{- end }}
{{- with include "spark-common.alerts.secrets" . | fromYamlArray }}
{{- /* When a Secret was made is told, and not when its content changed: who renews one makes another by a new name. */}}
{{- $age := $.root.Values.monitoring.rules.secretMaxAge }}
{{- $seconds := div (include "spark-common.milliseconds" $age) 1000 }}
{{- $old := list }}
{{- range $secret := . }}
{{- $created := printf "kube_secret_created{namespace=%q, secret=%q}" $.root.Release.Namespace $secret }}
{{- $old = append $old (printf "time() - %s > %d or absent(%s)" $created $seconds $created) }}
{{- end }}
SparkSecretOld:
  expr: {{ join " or " $old | quote }}
  severity: warning
  summary: The Secret {{ "{{ $labels.secret }}" }} is older than {{ $age }}, or nothing says how old it is, since no kube-state-metrics is read.
{{- end }}
{{- end -}}

{{- /* Over how long alerts count: Prometheus reads often enough in it to see that something grew, and they fire in it. */ -}}
{{- define "spark-common.alerts.window" -}}
{{- $window := .Values.monitoring.rules.window -}}
{{- $lasts := include "spark-common.milliseconds" $window | int -}}
{{- $interval := .Values.monitoring.monitors.interval -}}
{{- if gt (mul 4 (include "spark-common.milliseconds" $interval) | int) $lasts -}}
{{- fail (printf "monitoring.rules.window (%s) is less than four times monitoring.monitors.interval (%s): alerts that count could not fire." $window $interval) -}}
{{- end -}}
{{- $wait := .Values.monitoring.rules.wait -}}
{{- if ge (include "spark-common.milliseconds" $wait | int) $lasts -}}
{{- fail (printf "monitoring.rules.wait (%s) is not less than monitoring.rules.window (%s): alerts that count would end before they fire." $wait $window) -}}
{{- end -}}
{{- $window -}}
{{- end -}}

{{- define "spark-common.milliseconds" -}}
{{- $unit := trimAll "0123456789" . -}}
{{- mul (trimSuffix $unit .) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) $unit) -}}
{{- end -}}

{{- /* The names of the Secrets that the release's pods use, if somebody asks how old they may be. */ -}}
{{- define "spark-common.alerts.secrets" -}}
{{- $values := .root.Values -}}
{{- $secrets := list -}}
{{- if include "spark-common.objectStore.endpoint" . -}}
{{- $secrets = append $secrets $values.objectStore.existingSecret -}}
{{- end -}}
{{- $databases := or $values.postgres.enabled $values.iceberg.catalogs.jdbc.enabled -}}
{{- range $component := list "airflow" "backup" "hive-metastore" "mlflow" "rest-catalog" -}}
{{- $databases = or $databases (include "spark-common.enabled" (dict "root" $.root "component" $component)) -}}
{{- end -}}
{{- if $databases -}}
{{- $secrets = append $secrets $values.postgres.existingSecret -}}
{{- end -}}
{{- range $component := list "airflow" "connect" "ingest" "jupyter" -}}
{{- if include "spark-common.enabled" (dict "root" $.root "component" $component) -}}
{{- $secrets = append $secrets (get $values $component).authentication.existingSecret -}}
{{- end -}}
{{- end -}}
{{- ternary ($secrets | compact | uniq | sortAlpha) (list) (ne "" (default "" $values.monitoring.rules.secretMaxAge)) | toYaml -}}
{{- end -}}

{{- /* Grafana's sidecar reads dashboards from ConfigMaps that have its label. */ -}}
{{- define "spark-common.dashboards" -}}
{{- $dashboards := .root.Values.monitoring.dashboards -}}
{{- if and (include "spark-common.enabled" .) $dashboards.enabled -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "spark-common.metadata" (merge (dict "suffix" "dashboards" "moreLabels" (merge (dict) (default dict $dashboards.labels) (dict "grafana_dashboard" "1"))) .) | nindent 2 }}
data:
  {{- range $path, $_ := .root.Files.Glob "dashboards/*.json" }}
  {{ base $path }}: {{ $.root.Files.Get $path | toJson }}
  {{- end }}
{{- end -}}
{{- end -}}
