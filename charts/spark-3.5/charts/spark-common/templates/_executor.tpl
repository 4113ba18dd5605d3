{{- /* What Spark's own settings cannot say of an executor; Spark adds image, arguments, resources and owner. */ -}}
{{- define "spark-common.executor.podTemplate" -}}
apiVersion: v1
kind: Pod
{{ include "spark-common.podTemplate" . }}
{{- end -}}

{{- define "spark-common.executor.pod" -}}
{{ include "spark-common.gpu.placement" . }}
containers:
  - name: executor
    env:
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
    volumeMounts:
      {{- include "spark-common.warehouse.mounts" . | nindent 6 }}
volumes:
  {{- include "spark-common.warehouse.volumes" . | nindent 2 }}
terminationGracePeriodSeconds: 60
{{- end -}}

{{- define "spark-common.executor.tests" -}}
{{- $host := "SELECT reflect('java.net.InetAddress', 'getLocalHost') FROM range(0, 2, 1, 2)" -}}
uses:
  {{- include "spark-common.test.sql" (merge (dict "python" (printf "must(%q, lambda host: '-exec-' in host)" $host)) .) | nindent 2 }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}
