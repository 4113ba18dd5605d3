{{- /* What Spark's own settings cannot say of an executor; Spark adds image, arguments, resources and owner. */ -}}
{{- define "spark-common.executor.podTemplate" -}}
apiVersion: v1
kind: Pod
{{ include "spark-common.podTemplate" . }}
{{- end -}}

{{- define "spark-common.executor.pod" -}}
containers:
  - name: executor
    volumeMounts:
      {{- include "spark-common.warehouse.mounts" . | nindent 6 }}
volumes:
  {{- include "spark-common.warehouse.volumes" . | nindent 2 }}
terminationGracePeriodSeconds: 60
{{- end -}}
