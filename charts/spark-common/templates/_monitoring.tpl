{{- /* Where a program tells its metrics, in Prometheus' form. */ -}}
{{- define "spark-common.settings.monitoring" -}}
{{- if .root.Values.monitoring.enabled -}}
spark.metrics.conf.*.sink.prometheusServlet.class: org.apache.spark.metrics.sink.PrometheusServlet
spark.metrics.conf.*.sink.prometheusServlet.path: /metrics/prometheus
spark.ui.prometheus.enabled: "true"
# Without it a metric's name has the application's id. It is the same for all releases, so that a rule or a dashboard
# fits each: the monitors' podTargetLabels tell them apart.
spark.metrics.namespace: spark
# Counts stages and tasks by their ends; without it, no metric of a driver tells of those that failed.
spark.metrics.appStatusSource.enabled: "true"
{{- end -}}
{{- end -}}

{{- /* For pods behind a Service; "spark-common.<component>.metrics" lists port and path of each endpoint. */ -}}
{{- define "spark-common.serviceMonitor" -}}
{{- include "spark-common.monitor" (merge (dict "kind" "ServiceMonitor" "endpoints" "endpoints") .) -}}
{{- end -}}

{{- /* For pods that no Service selects. */ -}}
{{- define "spark-common.podMonitor" -}}
{{- include "spark-common.monitor" (merge (dict "kind" "PodMonitor" "endpoints" "podMetricsEndpoints") .) -}}
{{- end -}}

{{- define "spark-common.monitor" -}}
{{- $monitoring := .root.Values.monitoring -}}
{{- if and (include "spark-common.enabled" .) $monitoring.enabled $monitoring.monitors.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: {{ .kind }}
metadata:
  {{- include "spark-common.metadata" (merge (dict "moreLabels" $monitoring.monitors.labels) .) | nindent 2 }}
spec:
  jobLabel: app.kubernetes.io/component
  podTargetLabels:
    - app.kubernetes.io/instance
  selector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
  {{ .endpoints }}:
    {{- range include (printf "spark-common.%s.metrics" .component) . | fromYamlArray }}
    - {{ merge (dict "interval" $monitoring.monitors.interval) . | toYaml | nindent 6 | trim }}
    {{- end }}
{{- end -}}
{{- end -}}
