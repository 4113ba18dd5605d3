{{- define "spark-common.connect.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
data:
  spark-defaults.conf: |
    {{- include "spark-common.connect.properties" . | nindent 4 }}
  executor-pod.yaml: |
    {{- include "spark-common.executor.podTemplate" (dict "root" .root "component" "executor") | nindent 4 }}
{{- end -}}
