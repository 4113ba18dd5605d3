{{- /* A pod from which a user speaks to the platform; it does nothing by itself. */ -}}
{{- define "spark-common.client.pod" -}}
containers:
  - name: client
    args: [sleep, infinity]
    env:
      {{- include "spark-common.connect.remote" . | nindent 6 }}
terminationGracePeriodSeconds: 5
{{- end -}}
