{{- /* The tables' files, which driver and executors share. */ -}}
{{- define "spark-common.warehouse.persistentVolumeClaim" -}}
{{- $values := .root.Values.warehouse -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
  {{- if $values.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
spec:
  accessModes:
    - {{ $values.accessMode }}
  {{- with $values.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ $values.size }}
{{- end -}}
