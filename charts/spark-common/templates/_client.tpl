{{- /* A pod from which a user speaks to the platform; it does nothing by itself. */ -}}
{{- define "spark-common.client.pod" -}}
{{- $connect := dict "root" .root "component" "connect" -}}
containers:
  - name: client
    args: [sleep, infinity]
    env:
      - name: SPARK_REMOTE
        value: sc://{{ include "spark-common.name" $connect }}:{{ .root.Values.connect.port }}
terminationGracePeriodSeconds: 5
{{- end -}}
