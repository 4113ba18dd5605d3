{{- /* What the chart's versions.yaml says about the chosen Spark version, as YAML. */ -}}
{{- define "spark-common.version" -}}
{{- $known := .Files.Get "versions.yaml" | fromYaml -}}
{{- if not (hasKey $known .Values.sparkVersion) -}}
{{- fail (printf "sparkVersion %s is not one of this chart's: %s" .Values.sparkVersion (keys $known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- get $known .Values.sparkVersion | toYaml -}}
{{- end -}}

{{- define "spark-common.image" -}}
{{- $versions := include "spark-common.version" . | fromYaml -}}
{{- $name := printf "%s/%s" .Values.image.registry .Values.image.repository -}}
{{- $tag := default (get $versions (ternary "gpuTag" "tag" .Values.gpu.enabled)) .Values.image.tag -}}
{{- if .Values.image.digest -}}
{{ $name }}@{{ .Values.image.digest }}
{{- else if $tag -}}
{{ $name }}:{{ $tag }}
{{- else -}}
{{- fail (printf "There is no image of Spark %s with RAPIDS: set gpu.enabled to false, or name one by image.tag." .Values.sparkVersion) -}}
{{- end -}}
{{- end -}}
