{{- /* The Spark Connect server, which is the driver of every session. */ -}}
{{- define "spark-common.connect.pod" -}}
{{- $values := .root.Values.connect -}}
{{- if and $values.authentication.existingSecret (not (include "spark-common.isSpark4" .root)) -}}
{{- fail (printf "connect.authentication needs Spark 4: Spark %s lets in whoever reaches its port; leave existingSecret empty, or choose another sparkVersion." (include "spark-common.sparkVersion" .root)) -}}
{{- end -}}
{{- $probe := dict "exec" (dict "command" (list "/opt/sparkproof/connect_answers.py" ($values.port | toString))) -}}
automountServiceAccountToken: {{ eq "kubernetes" (include "spark-common.manager" .) }}
{{- $awaited := list -}}
{{- if eq "standalone" (include "spark-common.manager" .) -}}
{{- $awaited = append $awaited (include "spark-common.standalone.await" .) -}}
{{- end -}}
{{- if .root.Values.eventLog.enabled -}}
{{- $awaited = append $awaited (include "spark-common.eventLog.await" .) -}}
{{- end }}
{{- with $awaited }}
initContainers:
  {{- join "\n" . | nindent 2 }}
{{- end }}
containers:
  - name: connect
    args: [connect]
    env:
      {{- with $values.authentication }}
      {{- if .existingSecret }}
      - name: SPARK_CONNECT_AUTHENTICATE_TOKEN
        valueFrom:
          secretKeyRef:
            name: {{ .existingSecret | quote }}
            key: {{ .key | quote }}
      {{- end }}
      {{- end }}
      {{- include "spark-common.session.env" . | nindent 6 }}
    ports:
      - name: connect
        containerPort: {{ $values.port }}
      - name: ui
        containerPort: 4040
      - name: driver
        containerPort: 7078
      - name: block-manager
        containerPort: 7079
    # Cheap while the JVM starts, which takes five seconds at least; what follows asks the server a question.
    startupProbe:
      tcpSocket:
        port: connect
      initialDelaySeconds: 5
      periodSeconds: 1
      failureThreshold: 180
    readinessProbe:
      {{- merge (dict "periodSeconds" 15 "timeoutSeconds" 10) $probe | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 60 "timeoutSeconds" 30 "failureThreshold" 3) $probe | toYaml | nindent 6 }}
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
{{- end -}}

{{- /* The environment by which PySpark finds the server. */ -}}
{{- define "spark-common.connect.remote" -}}
{{- include "spark-common.connect.url" (merge (dict "variable" "SPARK_REMOTE") .) -}}
{{- end -}}

{{- /* The server's address as a `variable`, with what else it is to be told, and with the token that it asks for. */ -}}
{{- define "spark-common.connect.url" -}}
{{- $connect := .root.Values.connect -}}
{{- $token := $connect.authentication -}}
{{- if $token.existingSecret -}}
- name: SPARK_CONNECT_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ $token.existingSecret | quote }}
      key: {{ $token.key | quote }}
{{ end -}}
{{- $parts := default list .parts -}}
{{- if $token.existingSecret }}{{ $parts = append $parts "authorization=Bearer%20$(SPARK_CONNECT_TOKEN)" }}{{ end -}}
- name: {{ .variable }}
  value: sc://{{ include "spark-common.name" (dict "root" .root "component" "connect") }}:{{ $connect.port }}
  {{- with $parts }}/;{{ join ";" . }}{{ end }}
{{- end -}}

{{- define "spark-common.connect.ports" -}}
- name: connect
  port: {{ .root.Values.connect.port }}
  targetPort: connect
  appProtocol: kubernetes.io/h2c
{{- end -}}

{{- /* What executors call the driver on, and the interface that shows what ran. */ -}}
{{- define "spark-common.connect.headlessPorts" -}}
- name: driver
  port: 7078
- name: block-manager
  port: 7079
- name: ui
  port: 4040
{{- end -}}

{{- /* The driver tells its own metrics, and those that its executors send it; without the slash it only redirects. */ -}}
{{- define "spark-common.connect.metrics" -}}
- port: ui
  path: /metrics/prometheus/
- port: ui
  path: /metrics/executors/prometheus
{{- end -}}

{{- define "spark-common.connect.configuration" -}}
spark-defaults.conf: |
  {{- include "spark-common.properties" (dict "root" .root "settings" (include "spark-common.connect.settings" .)) | nindent 2 }}
# Without it all sessions would share one pool that serves the oldest query first.
fairscheduler.xml: |
  <allocations>
    <pool name="default">
      <schedulingMode>FAIR</schedulingMode>
      <weight>1</weight>
      <minShare>0</minShare>
    </pool>
  </allocations>
{{- if eq "kubernetes" (include "spark-common.manager" .) }}
executor-pod.yaml: |
  {{- include "spark-common.executor.podTemplate" (dict "root" .root "component" "executor") | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "spark-common.connect.settings" -}}
{{- $connect := include "spark-common.name" . -}}
spark.app.name: {{ $connect | quote }}
spark.driver.bindAddress: 0.0.0.0
spark.driver.host: {{ $connect }}-0.{{ $connect }}-headless.{{ .root.Release.Namespace }}.svc
spark.driver.port: "7078"
spark.driver.blockManager.port: "7079"
spark.driver.memory: {{ .root.Values.connect.memory | quote }}
spark.ui.port: "4040"
# The work of a client that is gone, as of a task that was killed: its stream ends, and the work with it soon after.
spark.connect.execute.reattachable.senderMaxStreamDuration: {{ .root.Values.connect.senderMaxStreamDuration | quote }}
spark.connect.execute.manager.detachedTimeout: {{ .root.Values.connect.detachedTimeout | quote }}
spark.connect.execute.manager.maintenanceInterval: 5s
spark.connect.grpc.binding.port: {{ .root.Values.connect.port | quote }}
spark.sql.session.timeZone: {{ .root.Values.connect.timeZone | quote }}
spark.scheduler.mode: FAIR
{{ include (printf "spark-common.manager.%s" (include "spark-common.manager" .)) (merge (dict "driverPod" (printf "%s-0" $connect)) .) }}
{{ include "spark-common.settings.session" . }}
{{- end -}}

{{- define "spark-common.connect.rules" -}}
{{- if eq "kubernetes" (include "spark-common.manager" .) -}}
{{ include "spark-common.driver.rules" . }}
{{- end -}}
{{- end -}}

{{- define "spark-common.connect.tests" -}}
{{- $python := "must('SELECT sum(id) FROM range(0, 100, 1, 4)', lambda total: total == 4950)" -}}
uses:
  {{- include "spark-common.test.sql" (merge (dict "python" $python) .) | nindent 2 }}
denied:
{{- if .root.Values.connect.authentication.existingSecret }}
  containers:
    - name: stranger
      args:
        - python3
        - -c
        - |
          import sys
          from pyspark.sql import SparkSession

          try:
              SparkSession.builder.remote("sc://{{ include "spark-common.host" . }}:{{ .root.Values.connect.port }}").getOrCreate().range(1).count()
          except Exception as refused:
              print(refused)
              sys.exit("authentication token" not in str(refused) and "It was refused, but not for want of a token.")
          sys.exit("It lets in who has no token.")
{{- else }}
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end }}
{{- end -}}
