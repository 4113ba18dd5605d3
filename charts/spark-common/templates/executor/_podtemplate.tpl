{{- /* What Spark's own settings cannot say of an executor; Spark adds image, arguments, resources and owner. */ -}}
{{- define "spark-common.executor.podTemplate" -}}
apiVersion: v1
kind: Pod
metadata:
  labels:
    {{- include "spark-common.podLabels" . | nindent 4 }}
  {{- with .root.Values.executor.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "spark-common.podSettings" . | nindent 2 }}
  containers:
    - name: executor
      securityContext:
        {{- include "spark-common.securityContext" . | nindent 8 }}
      volumeMounts:
        {{- include "spark-common.scratchMounts" . | nindent 8 }}
        {{- if .root.Values.iceberg.enabled }}
        {{- include "spark-common.warehouseMount" . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "spark-common.scratchVolumes" . | nindent 4 }}
    {{- if .root.Values.iceberg.enabled }}
    {{- include "spark-common.warehouseVolume" . | nindent 4 }}
    {{- end }}
{{- end -}}
