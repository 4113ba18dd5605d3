{{- /* A worker of a standalone cluster: it starts executors inside its own pod, and lets them finish before it goes. */ -}}
{{- define "spark-common.worker.pod" -}}
{{- $worker := .root.Values.worker -}}
{{ include "spark-common.gpu.placement" . }}
initContainers:
  {{- include "spark-common.standalone.await" . | nindent 2 }}
containers:
  - name: worker
    args:
      - worker
      - --host
      - $(POD_IP)
      - --port
      - "7078"
      - --webui-port
      - "8081"
      - --cores
      - {{ $worker.cores | quote }}
      - --memory
      - {{ $worker.memory }}
      - --work-dir
      - /opt/spark/work-dir
      - {{ include "spark-common.standalone.url" . }}
    env:
      {{- include "spark-common.standalone.env" . | nindent 6 }}
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
    ports:
      - name: worker
        containerPort: 7078
      - name: ui
        containerPort: 8081
    {{- include "spark-common.standalone.probes" . | nindent 4 }}
    lifecycle:
      preStop:
        exec:
          command: [/opt/sparkproof/decommission.py]
    {{- if include "spark-common.gpu.executes" . }}
    resources:
      limits:
        nvidia.com/gpu: 1
    {{- end }}
    volumeMounts:
      - name: configuration
        mountPath: /opt/spark/conf
        readOnly: true
      {{- include "spark-common.warehouse.mounts" . | nindent 6 }}
volumes:
  - name: configuration
    configMap:
      name: {{ include "spark-common.name" . }}
  {{- include "spark-common.warehouse.volumes" . | nindent 2 }}
terminationGracePeriodSeconds: {{ $worker.terminationGracePeriodSeconds }}
{{- end -}}

{{- define "spark-common.worker.metrics" -}}
- port: ui
  path: /metrics/prometheus/
{{- end -}}

{{- define "spark-common.worker.tests" -}}
{{- $host := "SELECT reflect('java.net.InetAddress', 'getLocalHost') FROM range(0, 2, 1, 2)" -}}
uses:
  {{- include "spark-common.test.sql" (merge (dict "python" (printf "must(%q, lambda host: '-worker-' in host)" $host)) .) | nindent 2 }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}

{{- define "spark-common.worker.headlessPorts" -}}
- name: ui
  port: 8081
{{- end -}}

{{- define "spark-common.worker.configuration" -}}
{{ include "spark-common.standalone.configuration" . }}
{{- end -}}

{{- define "spark-common.worker.settings" -}}
spark.decommission.enabled: "true"
# A master that starts again has another address; its Service's name stays.
spark.worker.preferConfiguredMasterAddress: "true"
spark.worker.cleanup.enabled: "true"
{{ include "spark-common.settings.monitoring" . }}
{{- if include "spark-common.gpu.executes" . }}
spark.worker.resource.gpu.amount: "1"
spark.worker.resource.gpu.discoveryScript: /opt/sparkproof/gpu-discovery.sh
{{- end }}
{{- end -}}

{{- define "spark-common.worker.followsApplications" -}}
{{- $autoscaling := .Values.worker.autoscaling -}}
{{- if and $autoscaling.enabled (eq "applications" $autoscaling.follows) -}}
true
{{- end -}}
{{- end -}}

{{- /*
As many workers as there are, and one more for each application that waits for its first; none, once KEDA has seen no
application for a while. They go all together or not at all, since whoever takes some away does not know which are busy.
*/ -}}
{{- define "spark-common.scaledObject" -}}
{{- if and (include "spark-common.enabled" .) (include "spark-common.worker.followsApplications" .root) -}}
{{- $autoscaling := .root.Values.worker.autoscaling -}}
{{- if not .root.Values.monitoring.enabled -}}
{{- fail "worker.autoscaling.follows is applications, which KEDA counts by the master's metrics: set monitoring.enabled." -}}
{{- end -}}
{{- if gt ($autoscaling.minReplicas | int) ($autoscaling.maxReplicas | int) -}}
{{- fail (printf "worker.autoscaling.minReplicas (%v) is more than maxReplicas (%v)." $autoscaling.minReplicas $autoscaling.maxReplicas) -}}
{{- end -}}
{{- $master := include "spark-common.host" (dict "root" .root "component" "master") -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: StatefulSet
    name: {{ include "spark-common.name" . }}
  pollingInterval: {{ $autoscaling.pollingSeconds }}
  cooldownPeriod: {{ $autoscaling.cooldownSeconds }}
  idleReplicaCount: 0
  minReplicaCount: {{ $autoscaling.minReplicas }}
  maxReplicaCount: {{ $autoscaling.maxReplicas }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          selectPolicy: Disabled
    scalingModifiers:
      formula: "applications == 0 ? 0 : workers + waiting"
      target: "1"
  triggers:
    {{- range $name, $metric := dict "applications" "apps" "waiting" "waitingApps" "workers" "aliveWorkers" }}
    - name: {{ $name }}
      type: metrics-api
      metadata:
        url: http://{{ $master }}:8080/metrics/master/prometheus/
        format: prometheus
        valueLocation: metrics_master_{{ $metric }}_Value{type="gauges"}
        targetValue: "1"
    {{- end }}
{{- end -}}
{{- end -}}
