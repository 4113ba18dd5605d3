{{- /* A pod from which a user speaks to the platform; it does nothing by itself. */ -}}
{{- define "spark-common.client.pod" -}}
{{- $tracking := include "spark-common.mlflow.tracking" . -}}
containers:
  - name: client
    {{- with $tracking }}
    image: mlflow-client
    {{- end }}
    args: [sleep, infinity]
    env:
      {{- include "spark-common.connect.remote" . | nindent 6 }}
      {{- $tracking | nindent 6 }}
terminationGracePeriodSeconds: 5
{{- end -}}

{{- define "spark-common.client.tests" -}}
{{- $python := "must(\"SELECT substring_index(version(), ' ', 1)\", lambda version: version == pyspark.__version__)" -}}
uses:
  {{- include "spark-common.test.sql" (merge (dict "python" (printf "import pyspark\n%s" $python)) .) | nindent 2 }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}
