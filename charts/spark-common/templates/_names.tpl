{{- /* The release's name in front of every object's ("spark" gives "spark-connect"), short enough for what Spark adds. */ -}}
{{- define "spark-common.name" -}}
{{ .root.Release.Name | trunc 40 | trimSuffix "-" }}-{{ .component }}
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
app.kubernetes.io/version: {{ .root.Values.sparkVersion | quote }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with (get .root.Values .component).podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "spark-common.labels" -}}
{{ include "spark-common.selector" . }}
app.kubernetes.io/version: {{ .root.Values.sparkVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "spark-common.metadata" -}}
name: {{ include "spark-common.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "spark-common.labels" . | nindent 2 }}
{{- end -}}
