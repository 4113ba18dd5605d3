{{- /*
Spark's settings, as YAML from setting to text, in pieces that several programs put together: what a cluster manager
needs ("spark-common.manager.<manager>"), and what every session has whoever runs it ("spark-common.settings.session").
*/ -}}
{{- define "spark-common.settings.session" -}}
{{ include "spark-common.settings.gpu" . }}
{{ include "spark-common.settings.iceberg" . }}
{{ include "spark-common.settings.monitoring" . }}
{{ include "spark-common.settings.objectStore" . }}
{{ include "spark-common.settings.eventLog" . }}
{{- end -}}

{{- define "spark-common.settings.dynamicAllocation" -}}
{{- $allocation := .root.Values.dynamicAllocation -}}
spark.dynamicAllocation.enabled: {{ $allocation.enabled | quote }}
{{- if $allocation.enabled }}
spark.dynamicAllocation.shuffleTracking.enabled: "true"
spark.dynamicAllocation.shuffleTracking.timeout: {{ $allocation.shuffleTimeout | quote }}
spark.dynamicAllocation.executorIdleTimeout: {{ $allocation.idleTimeout | quote }}
spark.dynamicAllocation.minExecutors: {{ $allocation.minExecutors | quote }}
spark.dynamicAllocation.maxExecutors: {{ $allocation.maxExecutors | quote }}
{{- end }}
{{- end -}}

{{- /* An executor that is told to go finishes its tasks and hands its blocks to others before it does. */ -}}
{{- define "spark-common.settings.decommission" -}}
spark.decommission.enabled: "true"
spark.storage.decommission.enabled: "true"
spark.storage.decommission.rddBlocks.enabled: "true"
spark.storage.decommission.shuffleBlocks.enabled: "true"
{{- end -}}

{{- define "spark-common.settings.iceberg" -}}
{{- $root := .root -}}
{{- $catalogs := dict -}}
{{- range $kind, $catalog := $root.Values.iceberg.catalogs -}}
{{- if $catalog.enabled -}}
{{- range $other, $known := $catalogs -}}
{{- if eq $known.name $catalog.name -}}
{{- fail (printf "Iceberg's catalogs %s and %s are both named %s: give one of them another name." $other $kind $catalog.name) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $catalogs $kind $catalog -}}
{{- end -}}
{{- end -}}
{{- if $catalogs -}}
spark.sql.extensions: org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions
{{- range $kind, $catalog := $catalogs }}
{{- $settings := include (printf "spark-common.iceberg.%s" $kind) (dict "root" $root "catalog" $catalog) | fromYaml }}
spark.sql.catalog.{{ $catalog.name }}: org.apache.iceberg.spark.SparkCatalog
spark.sql.catalog.{{ $catalog.name }}.type: {{ $kind }}
# A session that keeps the tables it has seen never sees what others commit while it goes on asking.
spark.sql.catalog.{{ $catalog.name }}.cache-enabled: "false"
{{- range $name, $value := $settings }}
spark.sql.catalog.{{ $catalog.name }}.{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /*
The lines of a properties file: `settings` (YAML), the user's sparkConf over them. In such a file a backslash begins an
escape, and at the end of a line joins the next one to it, unless there are two. Iceberg's extension and RAPIDS' plugin
stay beside the user's: without them, catalogs have no MERGE and no CALL, and executors do nothing with their GPUs.
*/ -}}
{{- define "spark-common.properties" -}}
{{- $settings := .settings | fromYaml -}}
{{- with $settings.Error }}{{ fail (printf "The settings are no YAML: %s" .) }}{{ end -}}
{{- $own := pick $settings "spark.sql.extensions" "spark.plugins" -}}
{{- $settings = mergeOverwrite $settings (default dict .root.Values.sparkConf) -}}
{{- range $name, $class := $own -}}
{{- $classes := get $settings $name -}}
{{- if not (has $class (splitList "," $classes)) -}}
{{- $_ := set $settings $name (printf "%s,%s" $class $classes) -}}
{{- end -}}
{{- end -}}
{{- include "spark-common.settings.refusals" (merge (dict "settings" $settings) .) -}}
{{- $lines := list -}}
{{- range $name, $value := $settings -}}
{{- $lines = append $lines (printf "%s=%s" $name (toString $value | replace `\` `\\`)) -}}
{{- end -}}
{{- join "\n" $lines -}}
{{- end -}}

{{- /* Settings that cannot work together are refused here, not by a server that does not start. */ -}}
{{- define "spark-common.settings.refusals" -}}
{{- $settings := .settings -}}
{{- $dynamic := eq "true" (get $settings "spark.dynamicAllocation.enabled") -}}
{{- $tracked := eq "true" (get $settings "spark.dynamicAllocation.shuffleTracking.enabled") -}}
{{- $served := eq "true" (get $settings "spark.shuffle.service.enabled") -}}
{{- if and $dynamic (not $tracked) (not $served) -}}
{{- fail "Dynamic allocation loses shuffle files unless spark.dynamicAllocation.shuffleTracking.enabled is \"true\" (Kubernetes has no shuffle service): leave it on, or set dynamicAllocation.enabled to false." -}}
{{- end -}}
{{- /* Without a maximum, there may be as many as the work wants. */ -}}
{{- if and $dynamic (hasKey $settings "spark.dynamicAllocation.maxExecutors") (gt (get $settings "spark.dynamicAllocation.minExecutors" | int) (get $settings "spark.dynamicAllocation.maxExecutors" | int)) -}}
{{- fail (printf "dynamicAllocation.minExecutors (%s) is more than maxExecutors (%s)." (get $settings "spark.dynamicAllocation.minExecutors") (get $settings "spark.dynamicAllocation.maxExecutors")) -}}
{{- end -}}
{{- include "spark-common.refusals.owned" . -}}
{{- include "spark-common.refusals.gpu" . -}}
{{- include "spark-common.refusals.migration" . -}}
{{- end -}}
