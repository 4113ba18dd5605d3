{{- define "spark-common.sparkVersion" -}}
{{ default .Chart.AppVersion .Values.sparkVersion }}
{{- end -}}

{{- /* What the chart's versions.yaml says about the chosen Spark version, as YAML. */ -}}
{{- define "spark-common.version" -}}
{{- $version := include "spark-common.sparkVersion" . -}}
{{- $known := (.Files.Get "versions.yaml" | fromYaml).spark -}}
{{- if not (hasKey $known $version) -}}
{{- fail (printf "sparkVersion %s is not one of this chart's: %s" $version (keys $known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- get $known $version | toYaml -}}
{{- end -}}

{{- /* "true" when Spark is 4.0 or later. */ -}}
{{- define "spark-common.isSpark4" -}}
{{- if semverCompare ">=4.0.0" (include "spark-common.sparkVersion" .) -}}true{{- end -}}
{{- end -}}

{{- /* The image of Spark, or with `image` the one that versions.yaml names so ("postgres", "jupyter"). */ -}}
{{- define "spark-common.image" -}}
{{- $image := .root.Values.image -}}
{{- if .image -}}
{{- $known := merge (include "spark-common.version" .root | fromYaml) (default dict (.root.Files.Get "versions.yaml" | fromYaml).images) -}}
{{- $own := get $known .image | required (printf "versions.yaml names no image %s." .image) -}}
{{ $image.registry }}/{{ with dir $image.repository | trimPrefix "." }}{{ . }}/{{ end }}{{ $own }}
{{- else -}}
{{- $versions := include "spark-common.version" .root | fromYaml -}}
{{- $tag := default (get $versions (ternary "gpuTag" "tag" .root.Values.gpu.enabled)) $image.tag -}}
{{- if $image.digest -}}
{{ $image.registry }}/{{ $image.repository }}@{{ $image.digest }}
{{- else if $tag -}}
{{ $image.registry }}/{{ $image.repository }}:{{ $tag }}
{{- else -}}
{{- fail (printf "There is no image of Spark %s with RAPIDS: set gpu.enabled to false, or name one by image.tag." (include "spark-common.sparkVersion" .root)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
