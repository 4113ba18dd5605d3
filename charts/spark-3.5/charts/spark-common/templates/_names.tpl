{{- /* The release's name in front of every object's ("spark" gives "spark-connect"), short enough for what Spark adds. */ -}}
{{- define "spark-common.name" -}}
{{ .root.Release.Name | trunc 40 | trimSuffix "-" }}-{{ .component }}
{{- end -}}

{{- /* The same for another component of the release: (dict "root" $ "component" "connect") without writing it. */ -}}
{{- define "spark-common.host" -}}
{{ include "spark-common.name" . }}.{{ .root.Release.Namespace }}.svc
{{- end -}}

{{- /* The key of a component's values: those of history-server stand under historyServer, a Job's under its service. */ -}}
{{- define "spark-common.valuesKey" -}}
{{- get (dict "hive-schema" "hive-metastore") .component | default .component | camelcase | untitle -}}
{{- end -}}

{{- /* The values of a component, as YAML. */ -}}
{{- define "spark-common.values" -}}
{{- get .root.Values (include "spark-common.valuesKey" .) | toYaml -}}
{{- end -}}

{{- /*
"true" when the chart has the component, it is not switched off, and what it works on is there; a submitted application's
driver comes with "submit". In a standalone cluster neither drivers nor executors are pods of their own.
*/ -}}
{{- define "spark-common.enabled" -}}
{{- $component := ternary "submit" .component (eq .component "driver") -}}
{{- $values := get .root.Values (include "spark-common.valuesKey" (dict "component" $component)) -}}
{{- $inside := and (has .component (list "driver" "executor")) (eq "standalone" (include "spark-common.manager" .)) -}}
{{- if and $values (not $inside) -}}
{{- if and (dig "enabled" true $values) (or (ne .component "bucket") (include "spark-common.objectStore.endpoint" .)) -}}
true
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What selects the pods of one component; a label that could change must not be here. */ -}}
{{- define "spark-common.selector" -}}
app.kubernetes.io/name: spark
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- /* The labels of pods; Helm's own are not among them, since executors are Spark's. */ -}}
{{- define "spark-common.podLabels" -}}
{{ include "spark-common.selector" . }}
app.kubernetes.io/version: {{ include "spark-common.sparkVersion" .root | quote }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with (include "spark-common.values" . | fromYaml).podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "spark-common.labels" -}}
{{ include "spark-common.selector" . }}
app.kubernetes.io/version: {{ include "spark-common.sparkVersion" .root | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Metadata of an object; `suffix` tells several of one kind apart, `moreLabels` and `annotations` are its own. */ -}}
{{- define "spark-common.metadata" -}}
name: {{ include "spark-common.name" . }}{{ with .suffix }}-{{ . }}{{ end }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "spark-common.labels" . | nindent 2 }}
  {{- with .moreLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
