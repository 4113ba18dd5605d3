{{- /* Shows what drivers did, also after they ended, from the event logs in the object store. */ -}}
{{- define "spark-common.history-server.pod" -}}
{{- $values := .root.Values.historyServer -}}
{{- $probe := dict "httpGet" (dict "path" "/api/v1/applications?limit=1" "port" "ui") -}}
initContainers:
  {{- include "spark-common.eventLog.await" . | nindent 2 }}
containers:
  - name: history-server
    args: [history]
    env:
      - name: SPARK_DAEMON_MEMORY
        value: {{ $values.memory | quote }}
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
    ports:
      - name: ui
        containerPort: 18080
    startupProbe:
      {{- merge (dict "initialDelaySeconds" 3 "periodSeconds" 1 "failureThreshold" 180) $probe | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 10 "timeoutSeconds" 5) $probe | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 30 "timeoutSeconds" 10) $probe | toYaml | nindent 6 }}
    volumeMounts:
      - name: configuration
        mountPath: /opt/spark/conf
        readOnly: true
volumes:
  - name: configuration
    configMap:
      name: {{ include "spark-common.name" . }}
{{- end -}}

{{- define "spark-common.history-server.ports" -}}
- name: ui
  port: 18080
  targetPort: ui
  appProtocol: http
{{- end -}}

{{- define "spark-common.history-server.configuration" -}}
spark-defaults.conf: |
  {{- include "spark-common.properties" (dict "root" .root "settings" (include "spark-common.history-server.settings" .)) | nindent 2 }}
{{- end -}}

{{- define "spark-common.history-server.settings" -}}
{{- $values := .root.Values.historyServer -}}
spark.history.fs.logDirectory: {{ include "spark-common.eventLog.folder" . | quote }}
spark.history.fs.update.interval: {{ $values.updateInterval | quote }}
spark.history.fs.cleaner.enabled: "true"
spark.history.fs.cleaner.maxAge: {{ $values.maxAge | quote }}
spark.history.ui.port: "18080"
{{ include "spark-common.settings.objectStore" . }}
{{- end -}}

{{- define "spark-common.history-server.tests" -}}
uses:
  {{- $url := printf "http://%s:18080/api/v1/applications?limit=1" (include "spark-common.host" .) }}
  {{- include "spark-common.test.http" (dict "url" $url "statuses" (list 200) "words" "[") | nindent 2 }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}
