{{- /* Spark's settings of the Connect server as YAML, ours first, the user's sparkConf over them. */ -}}
{{- define "spark-common.connect.configuration" -}}
{{- $ := .root -}}
{{- $connect := include "spark-common.name" (dict "root" $ "component" "connect") -}}
{{- $executor := $.Values.executor -}}
spark.app.name: {{ $connect }}
spark.master: k8s://https://kubernetes.default.svc
spark.driver.bindAddress: 0.0.0.0
spark.driver.host: {{ $connect }}-0.{{ $connect }}-headless.{{ $.Release.Namespace }}.svc
spark.driver.port: "7078"
spark.driver.blockManager.port: "7079"
spark.driver.memory: {{ $.Values.connect.memory }}
spark.ui.port: "4040"
spark.connect.grpc.binding.port: {{ $.Values.connect.port | quote }}
spark.sql.session.timeZone: {{ $.Values.connect.timeZone }}
spark.kubernetes.namespace: {{ $.Release.Namespace }}
spark.kubernetes.driver.pod.name: {{ $connect }}-0
# Spark makes no Service and no claim here, and the driver has no right to look for any to remove.
spark.kubernetes.driver.service.deleteOnTermination: "false"
spark.kubernetes.driver.ownPersistentVolumeClaim: "false"
spark.kubernetes.driver.reusePersistentVolumeClaim: "false"
spark.kubernetes.container.image: {{ include "spark-common.image" $ }}
spark.kubernetes.container.image.pullPolicy: {{ $.Values.image.pullPolicy }}
spark.kubernetes.executor.podTemplateFile: /opt/spark/conf/executor-pod.yaml
spark.kubernetes.executor.podTemplateContainerName: executor
spark.kubernetes.executor.disableConfigMap: "true"
spark.kubernetes.authenticate.executor.serviceAccountName: {{ include "spark-common.name" (dict "root" $ "component" "executor") }}
spark.executor.cores: {{ $executor.cores | quote }}
spark.executor.memory: {{ $executor.memory }}
spark.executor.memoryOverhead: {{ $executor.memoryOverhead }}
spark.kubernetes.executor.request.cores: {{ $executor.cpuRequest | quote }}
spark.kubernetes.executor.limit.cores: {{ $executor.cpuLimit | quote }}
{{- with $.Values.dynamicAllocation }}
spark.dynamicAllocation.enabled: {{ .enabled | quote }}
{{- if .enabled }}
spark.dynamicAllocation.shuffleTracking.enabled: "true"
spark.dynamicAllocation.shuffleTracking.timeout: {{ .shuffleTimeout }}
spark.dynamicAllocation.executorIdleTimeout: {{ .idleTimeout }}
spark.dynamicAllocation.minExecutors: {{ .minExecutors | quote }}
spark.dynamicAllocation.maxExecutors: {{ .maxExecutors | quote }}
{{- else }}
spark.executor.instances: {{ $executor.instances | quote }}
{{- end }}
{{- end }}
{{- if $.Values.gpu.enabled }}
spark.plugins: com.nvidia.spark.SQLPlugin
spark.rapids.sql.concurrentGpuTasks: {{ $.Values.gpu.concurrentTasks | quote }}
spark.executor.resource.gpu.amount: "1"
spark.executor.resource.gpu.vendor: nvidia.com
spark.executor.resource.gpu.discoveryScript: /opt/sparkproof/gpu-discovery.sh
# All of an executor's tasks share its one GPU.
spark.task.resource.gpu.amount: {{ divf 1 $executor.cores | quote }}
{{- end }}
{{- if $.Values.iceberg.enabled }}
{{- $catalog := printf "spark.sql.catalog.%s" $.Values.iceberg.catalog }}
spark.sql.extensions: org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions
{{ $catalog }}: org.apache.iceberg.spark.SparkCatalog
{{ $catalog }}.type: hadoop
{{ $catalog }}.warehouse: file:///warehouse
{{- end }}
{{- end -}}

{{- define "spark-common.connect.properties" -}}
{{- $settings := mergeOverwrite (include "spark-common.connect.configuration" . | fromYaml) .root.Values.sparkConf -}}
{{- include "spark-common.connect.refusals" $settings -}}
{{- $lines := list -}}
{{- range $name, $value := $settings -}}
{{- $lines = append $lines (printf "%s=%s" $name $value) -}}
{{- end -}}
{{- join "\n" $lines -}}
{{- end -}}

{{- /* Settings that cannot work together are refused here, not by a server that does not start. */ -}}
{{- define "spark-common.connect.refusals" -}}
{{- $dynamic := eq "true" (get . "spark.dynamicAllocation.enabled") -}}
{{- $tracked := eq "true" (get . "spark.dynamicAllocation.shuffleTracking.enabled") -}}
{{- $served := eq "true" (get . "spark.shuffle.service.enabled") -}}
{{- if and $dynamic (not $tracked) (not $served) -}}
{{- fail "Dynamic allocation loses shuffle files unless spark.dynamicAllocation.shuffleTracking.enabled is \"true\" (Kubernetes has no shuffle service): leave it on, or set dynamicAllocation.enabled to false." -}}
{{- end -}}
{{- if and $dynamic (gt (get . "spark.dynamicAllocation.minExecutors" | int) (get . "spark.dynamicAllocation.maxExecutors" | int)) -}}
{{- fail (printf "dynamicAllocation.minExecutors (%s) is more than maxExecutors (%s)." (get . "spark.dynamicAllocation.minExecutors") (get . "spark.dynamicAllocation.maxExecutors")) -}}
{{- end -}}
{{- end -}}
