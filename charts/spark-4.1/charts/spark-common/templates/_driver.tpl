{{- /* The driver of an application: what it may do, and what Spark's own settings cannot say of the pod of a submitted one. */ -}}
{{- define "spark-common.driver.podTemplate" -}}
apiVersion: v1
kind: Pod
{{ include "spark-common.podTemplate" . }}
{{- end -}}

{{- define "spark-common.driver.pod" -}}
automountServiceAccountToken: true
containers:
  - name: driver
    env:
      {{- include "spark-common.session.env" . | nindent 6 }}
    volumeMounts:
      {{- include "spark-common.submit.programs.mounts" . | nindent 6 }}
      {{- include "spark-common.warehouse.mounts" . | nindent 6 }}
volumes:
  {{- include "spark-common.submit.programs.volumes" . | nindent 2 }}
  {{- include "spark-common.warehouse.volumes" . | nindent 2 }}
{{- end -}}

{{- /* Spark gives the port of its own interface this name. */ -}}
{{- define "spark-common.driver.metrics" -}}
- port: spark-ui
  path: /metrics/prometheus/
- port: spark-ui
  path: /metrics/executors/prometheus
{{- end -}}

{{- define "spark-common.driver.settings" -}}
{{- $driver := .root.Values.driver -}}
spark.kubernetes.authenticate.driver.serviceAccountName: {{ include "spark-common.name" (dict "root" .root "component" "driver") | quote }}
spark.kubernetes.driver.podTemplateFile: /opt/spark/conf/driver-pod.yaml
spark.kubernetes.driver.podTemplateContainerName: driver
spark.driver.cores: {{ $driver.cores | quote }}
spark.driver.memory: {{ $driver.memory | quote }}
spark.driver.memoryOverhead: {{ $driver.memoryOverhead | quote }}
spark.kubernetes.driver.request.cores: {{ $driver.cpuRequest | quote }}
spark.kubernetes.driver.limit.cores: {{ $driver.cpuLimit | quote }}
{{- end -}}

{{- define "spark-common.driver.tests" -}}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}

{{- /* What a driver does to its executors' pods, and no more. */ -}}
{{- define "spark-common.driver.rules" -}}
- apiGroups: [""]
  resources: [pods]
  verbs: [create, get, list, watch, delete, deletecollection]
{{- end -}}
