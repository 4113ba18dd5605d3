{{- /* A pod from which applications are submitted; it does nothing by itself. */ -}}
{{- define "spark-common.submit.pod" -}}
{{- $tracking := include "spark-common.mlflow.tracking" . -}}
automountServiceAccountToken: {{ eq "kubernetes" (include "spark-common.manager" .) }}
containers:
  - name: submit
    {{- with $tracking }}
    image: mlflow-client
    {{- end }}
    args: [sleep, infinity]
    env:
      {{- include "spark-common.submit.environment" . | nindent 6 }}
      {{- $tracking | nindent 6 }}
    volumeMounts:
      {{- include "spark-common.submit.mounts" . | nindent 6 }}
volumes:
  {{- include "spark-common.submit.volumes" . | nindent 2 }}
terminationGracePeriodSeconds: 5
{{- end -}}

{{- define "spark-common.submit.environment" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
# A driver in this pod tells its executors this address.
- name: SPARK_LOCAL_HOSTNAME
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{ include "spark-common.session.env" . }}
{{- end -}}

{{- define "spark-common.submit.mounts" -}}
- name: configuration
  mountPath: /opt/spark/conf
  readOnly: true
{{ include "spark-common.submit.programs.mounts" . }}
{{ include "spark-common.warehouse.mounts" . }}
{{- end -}}

{{- define "spark-common.submit.volumes" -}}
- name: configuration
  configMap:
    name: {{ include "spark-common.name" . }}
{{ include "spark-common.submit.programs.volumes" . }}
{{ include "spark-common.warehouse.volumes" . }}
{{- end -}}

{{- define "spark-common.submit.configuration" -}}
{{- $kubernetes := eq "kubernetes" (include "spark-common.manager" .) -}}
spark-defaults.conf: |
  {{- include "spark-common.properties" (dict "root" .root "settings" (include "spark-common.submit.settings" .)) | nindent 2 }}
{{- if $kubernetes }}
driver-pod.yaml: |
  {{- include "spark-common.driver.podTemplate" (dict "root" .root "component" "driver") | nindent 2 }}
executor-pod.yaml: |
  {{- include "spark-common.executor.podTemplate" (dict "root" .root "component" "executor") | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "spark-common.submit.settings" -}}
{{ include (printf "spark-common.manager.%s" (include "spark-common.manager" .)) . }}
{{ include "spark-common.settings.session" . }}
spark.driver.port: "7078"
spark.driver.blockManager.port: "7079"
{{- if eq "kubernetes" (include "spark-common.manager" .) }}
{{ include "spark-common.driver.settings" . }}
{{- else }}
# The master takes no submissions by REST: those of JVM programs in cluster mode go by its own protocol.
spark.master.rest.enabled: "false"
spark.driver.memory: {{ .root.Values.driver.memory | quote }}
{{- end }}
{{- end -}}

{{- /* The programs of a ConfigMap, where the pods that start drivers and the drivers themselves find them. */ -}}
{{- define "spark-common.submit.programs.mounts" -}}
{{- if .root.Values.submit.applications -}}
- name: applications
  mountPath: /opt/spark/applications
  readOnly: true
{{- end -}}
{{- end -}}

{{- define "spark-common.submit.programs.volumes" -}}
{{- with .root.Values.submit.applications -}}
- name: applications
  configMap:
    name: {{ . | quote }}
{{- end -}}
{{- end -}}

{{- /*
What spark-submit does: it makes the driver's pod, its settings and its Service, and looks at the pod until it ends; and
what a driver does that runs in the submitting pod itself.
*/ -}}
{{- define "spark-common.submit.rules" -}}
{{- if eq "kubernetes" (include "spark-common.manager" .) -}}
{{ include "spark-common.driver.rules" . }}
{{ include "spark-common.submit.objects" . }}
{{- end -}}
{{- end -}}

{{- define "spark-common.submit.objects" -}}
- apiGroups: [""]
  resources: [configmaps, services]
  verbs: [create, patch]
{{- end -}}

{{- /* A program of a few lines, whose driver is this pod. */ -}}
{{- define "spark-common.submit.tests" -}}
uses:
  serviceAccountName: {{ include "spark-common.name" . }}
  automountServiceAccountToken: {{ eq "kubernetes" (include "spark-common.manager" .) }}
  containers:
    - name: submit
      # A driver runs in this pod, as in the submitting one.
      resources:
        {{- toYaml .root.Values.submit.resources | nindent 8 }}
      env:
        {{- include "spark-common.submit.environment" . | nindent 8 }}
      args:
        - bash
        - -c
        - |
          cat > /tmp/count.py <<'END'
          from pyspark.sql import SparkSession
          assert SparkSession.builder.getOrCreate().range(100).repartition(2).count() == 100
          END
          exec spark-submit --name test --conf spark.dynamicAllocation.enabled=false --conf spark.executor.instances=1 /tmp/count.py
      volumeMounts:
        {{- include "spark-common.submit.mounts" . | nindent 8 }}
  volumes:
    {{- include "spark-common.submit.volumes" . | nindent 4 }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}
