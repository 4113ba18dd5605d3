{{- /* Who starts executors: "standalone" where the chart has a master, else "kubernetes". */ -}}
{{- define "spark-common.manager" -}}
{{- ternary "standalone" "kubernetes" (hasKey .root.Values "master") -}}
{{- end -}}

{{- /*
The settings of a driver whose executors are pods; `driverPod`, where it is known, is the driver's own, which owns them.
*/ -}}
{{- define "spark-common.manager.kubernetes" -}}
{{- $root := .root -}}
{{- $executor := $root.Values.executor -}}
spark.master: k8s://https://kubernetes.default.svc
spark.kubernetes.namespace: {{ $root.Release.Namespace | quote }}
{{- with .driverPod }}
spark.kubernetes.driver.pod.name: {{ . | quote }}
{{- end }}
# Spark makes no Service and no claim here, and the driver has no right to look for any to remove.
spark.kubernetes.driver.service.deleteOnTermination: "false"
spark.kubernetes.driver.ownPersistentVolumeClaim: "false"
spark.kubernetes.driver.reusePersistentVolumeClaim: "false"
spark.kubernetes.container.image: {{ include "spark-common.image" (dict "root" $root) | quote }}
spark.kubernetes.container.image.pullPolicy: {{ $root.Values.image.pullPolicy | quote }}
spark.kubernetes.executor.podTemplateFile: /opt/spark/conf/executor-pod.yaml
spark.kubernetes.executor.podTemplateContainerName: executor
spark.kubernetes.executor.disableConfigMap: "true"
spark.kubernetes.authenticate.executor.serviceAccountName: {{ include "spark-common.name" (dict "root" $root "component" "executor") | quote }}
spark.blockManager.port: "7079"
spark.executor.cores: {{ $executor.cores | quote }}
spark.executor.memory: {{ $executor.memory | quote }}
spark.executor.memoryOverhead: {{ $executor.memoryOverhead | quote }}
spark.kubernetes.executor.request.cores: {{ $executor.cpuRequest | quote }}
spark.kubernetes.executor.limit.cores: {{ $executor.cpuLimit | quote }}
{{- if not $root.Values.dynamicAllocation.enabled }}
spark.executor.instances: {{ $executor.instances | quote }}
{{- end }}
spark.kubernetes.decommission.script: /opt/sparkproof/decommission.py
{{- if include "spark-common.isSpark4" $root }}
spark.kubernetes.executor.terminationGracePeriodSeconds: 60s
{{- end }}
{{ include "spark-common.settings.decommission" . }}
{{ include "spark-common.settings.dynamicAllocation" . }}
{{- end -}}

{{- /* The settings of a driver whose executors run inside workers. */ -}}
{{- define "spark-common.manager.standalone" -}}
{{- $executor := .root.Values.executor -}}
spark.master: {{ include "spark-common.standalone.url" . | quote }}
# The first of an executor's pod; others of the worker take the next ones.
spark.blockManager.port: "7079"
spark.executor.cores: {{ $executor.cores | quote }}
spark.executor.memory: {{ $executor.memory | quote }}
{{- if not .root.Values.dynamicAllocation.enabled }}
# An application that does not say how much it wants takes all that there is.
spark.cores.max: {{ mul $executor.cores $executor.instances | quote }}
{{- end }}
{{ include "spark-common.settings.decommission" . }}
{{ include "spark-common.settings.dynamicAllocation" . }}
{{- end -}}
