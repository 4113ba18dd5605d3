{{- /* What Pod Security "restricted" asks of a pod; 185 is the image's user. */ -}}
{{- define "spark-common.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 185
runAsGroup: 185
fsGroup: 185
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "spark-common.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end -}}

{{- /* The folders that Spark writes to; the rest of the image is read-only. */ -}}
{{- define "spark-common.scratchVolumes" -}}
- name: tmp
  emptyDir: {}
- name: work-dir
  emptyDir: {}
{{- end -}}

{{- define "spark-common.scratchMounts" -}}
- name: tmp
  mountPath: /tmp
- name: work-dir
  mountPath: /opt/spark/work-dir
{{- end -}}
