{{- /* What the driver does to its executors' pods, and no more. */ -}}
{{- define "spark-common.connect.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: [create, get, list, watch, delete, deletecollection]
{{- end -}}
