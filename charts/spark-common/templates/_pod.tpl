{{- /* What every pod of ours has in common, whoever creates it. */ -}}
{{- define "spark-common.podSettings" -}}
serviceAccountName: {{ include "spark-common.name" . }}
automountServiceAccountToken: {{ eq .component "connect" }}
enableServiceLinks: false
securityContext:
  {{- include "spark-common.podSecurityContext" . | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $values := get .root.Values .component }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "spark-common.warehouseVolume" -}}
- name: warehouse
  persistentVolumeClaim:
    claimName: {{ default (include "spark-common.name" (dict "root" .root "component" "warehouse")) .root.Values.warehouse.existingClaim }}
{{- end -}}

{{- define "spark-common.warehouseMount" -}}
- name: warehouse
  mountPath: /warehouse
{{- end -}}

{{- define "spark-common.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}
