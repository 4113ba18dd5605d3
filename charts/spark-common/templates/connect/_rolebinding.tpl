{{- define "spark-common.connect.roleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "spark-common.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "spark-common.name" . }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}
