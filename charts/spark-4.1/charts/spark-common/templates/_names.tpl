{{- /* The release's name in front of every object's ("spark" gives "spark-connect"), short enough for what Spark adds. */ -}}
{{- define "spark-common.name" -}}
{{ .root.Release.Name | trunc 39 | trimSuffix "-" }}-{{ .component }}
{{- end -}}

{{- /* The same for another component of the release: (dict "root" $ "component" "connect") without writing it. */ -}}
{{- define "spark-common.host" -}}
{{ include "spark-common.name" . }}.{{ .root.Release.Namespace }}.svc
{{- end -}}

{{- /* The key of a component's values: those of history-server stand under historyServer, a Job's under its service. */ -}}
{{- define "spark-common.valuesKey" -}}
{{- get (dict "hive-schema" "hive-metastore" "ingest-counter" "ingest") .component | default .component | camelcase | untitle -}}
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
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- /*
The labels of pods; Helm's own are not among them, since executors are Spark's. Services that do not run Spark are not
replaced by another version of it.
*/ -}}
{{- define "spark-common.podLabels" -}}
{{- $own := dict -}}
{{- if not (has .component (list "backup" "object-store" "postgres" "hive-metastore" "hive-schema" "rest-catalog" "mlflow")) -}}
{{- $own = dict "app.kubernetes.io/version" (include "spark-common.sparkVersion" .root) -}}
{{- end -}}
{{- $over := list .root.Values.commonLabels (include "spark-common.values" . | fromYaml).podLabels -}}
{{- include "spark-common.labelled" (merge (dict "own" $own "over" $over) .) -}}
{{- end -}}

{{- /* The labels of objects; a version like 1.0.0+4b0a3c67, as Flux makes it, is no label as it is. */ -}}
{{- define "spark-common.labels" -}}
{{- $chart := printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 -}}
{{- $own := dict
  "app.kubernetes.io/version" (include "spark-common.sparkVersion" .root)
  "app.kubernetes.io/managed-by" .root.Release.Service
  "helm.sh/chart" (regexReplaceAll "[^A-Za-z0-9]+$" $chart "") -}}
{{- include "spark-common.labelled" (merge (dict "own" $own "over" (list .root.Values.commonLabels .moreLabels)) .) -}}
{{- end -}}

{{- /*
The labels of something of a component, each name once: the chart's `own`, and `over` them maps of the user's labels, the
more particular ones later. What selects pods may not change.
*/ -}}
{{- define "spark-common.labelled" -}}
{{- $more := dict -}}
{{- range .over }}{{ $more = mergeOverwrite $more (default dict .) }}{{ end -}}
{{- range $name, $_ := include "spark-common.selector" . | fromYaml -}}
{{- if hasKey $more $name -}}
{{- fail (printf "The label %s may not be set to %q: Deployments, Services and network policies select the chart's pods by it; take a label of another name." $name (get $more $name)) -}}
{{- end -}}
{{- end -}}
{{ include "spark-common.selector" . }}
{{- range $name, $value := .own }}
{{- if not (hasKey $more $name) }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- with $more }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Metadata of an object; `suffix` tells several of one kind apart, `moreLabels` and `annotations` are its own. */ -}}
{{- define "spark-common.metadata" -}}
name: {{ include "spark-common.name" . }}{{ with .suffix }}-{{ . }}{{ end }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "spark-common.labels" . | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
