{{- /* What the chart's versions.yaml says about the chosen Spark version, as YAML. */ -}}
{{- define "spark-common.version" -}}
{{- $known := .Files.Get "versions.yaml" | fromYaml -}}
{{- if not (hasKey $known .Values.sparkVersion) -}}
{{- fail (printf "sparkVersion %s is not one of this chart's: %s" .Values.sparkVersion (keys $known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- get $known .Values.sparkVersion | toYaml -}}
{{- end -}}

{{- define "spark-common.image" -}}
{{- $version := include "spark-common.version" . | fromYaml -}}
{{- $name := printf "%s/%s" .Values.image.registry .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $name }}@{{ .Values.image.digest }}
{{- else if .Values.image.tag -}}
{{ $name }}:{{ .Values.image.tag }}
{{- else -}}
{{ $name }}:{{ $version.tag }}
{{- end -}}
{{- end -}}
