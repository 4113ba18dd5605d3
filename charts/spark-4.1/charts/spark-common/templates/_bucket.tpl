{{- /* Makes the platform's bucket in the object store, and the folder of event logs in it, where they are not there yet. */ -}}
{{- define "spark-common.bucket.pod" -}}
restartPolicy: OnFailure
containers:
  - name: bucket
    args: [bucket, {{ .root.Values.bucket.name }}/{{ .root.Values.eventLog.prefix }}]
    env:
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
{{- end -}}
