{{- /*
RAPIDS on executors with a GPU each. What an executor asks of Kubernetes comes of Spark's own settings (vendor, amount),
so that tasks, executors and nodes count the same GPUs.
*/ -}}
{{- define "spark-common.settings.gpu" -}}
{{- $gpu := .root.Values.gpu -}}
{{- if $gpu.enabled -}}
spark.plugins: com.nvidia.spark.SQLPlugin
spark.rapids.sql.concurrentGpuTasks: {{ $gpu.concurrentTasks | quote }}
spark.rapids.sql.mode: {{ ternary "executeOnGPU" "explainOnly" (eq $gpu.mode "execute") | quote }}
# What RAPIDS cannot execute runs on the CPU; the driver's log says what did, and why.
spark.rapids.sql.explain: NOT_ON_GPU
{{- if $gpu.forcedShim }}
spark.rapids.shims-provider-override: com.nvidia.spark.rapids.shims.{{ $gpu.forcedShim }}.SparkShimServiceProvider
{{- end }}
{{- if include "spark-common.gpu.executes" . }}
spark.executor.resource.gpu.amount: "1"
spark.executor.resource.gpu.vendor: nvidia.com
spark.executor.resource.gpu.discoveryScript: /opt/sparkproof/gpu-discovery.sh
# All of an executor's tasks share its one GPU.
spark.task.resource.gpu.amount: {{ divf 1 .root.Values.executor.cores | quote }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /* Not empty where executors have GPUs: to explain what a GPU would do, RAPIDS needs none. */ -}}
{{- define "spark-common.gpu.executes" -}}
{{- if and .root.Values.gpu.enabled (eq .root.Values.gpu.mode "execute") }}true{{ end -}}
{{- end -}}

{{- /* Where the component that has the GPUs runs, over what its own values say, as fields of a pod's spec. */ -}}
{{- define "spark-common.gpu.placement" -}}
{{- $gpu := .root.Values.gpu -}}
{{- $values := include "spark-common.values" . | fromYaml -}}
{{- if include "spark-common.gpu.executes" . -}}
{{- with merge (default dict $values.nodeSelector) (default dict $gpu.nodeSelector) }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat (default list $values.tolerations) (default list $gpu.tolerations) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "spark-common.refusals.gpu" -}}
{{- $settings := .settings -}}
{{- $gpu := .root.Values.gpu -}}
{{- range $name, $amount := $settings -}}
{{- $vendor := printf "%svendor" (trimSuffix "amount" $name) -}}
{{- if and (regexMatch `^spark\.(driver|executor)\.resource\..+\.amount$` $name) (not (hasKey $settings $vendor)) -}}
{{- fail (printf "%s says nothing to Kubernetes without %s (nvidia.com): set both, or gpu.enabled." $name $vendor) -}}
{{- end -}}
{{- end -}}
{{- if $gpu.enabled -}}
{{- $version := include "spark-common.sparkVersion" .root -}}
{{- $known := include "spark-common.version" .root | fromYaml -}}
{{- if and $known.forcedShim (not $gpu.forcedShim) -}}
{{- fail (printf "RAPIDS has no shim for Spark %s, so NVIDIA does not support the pair: use %s, or force the shim of %s by its name (gpu.forcedShim: %s) and answer for it yourself." $version $known.shimOf $known.shimOf $known.forcedShim) -}}
{{- end -}}
{{- range list "spark.jars" "spark.jars.packages" "spark.driver.extraClassPath" "spark.executor.extraClassPath" -}}
{{- with regexFind `iceberg-spark-runtime-[0-9.]+_2\.1[0-9][:-](1\.(1[2-9]|[2-9][0-9])|[2-9])[0-9.]*` (default "" (get $settings .)) -}}
{{- fail (printf "RAPIDS refuses Iceberg 1.12 and later (%s): leave the one that the image has, or set gpu.enabled to false." .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
