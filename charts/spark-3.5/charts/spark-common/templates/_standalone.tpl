{{- /*
A Spark standalone cluster: a master, and workers that run executors of their own. Everybody finds the master by its
Service; master and workers are known by their pods' addresses, which are theirs as soon as they start.
*/ -}}
{{- define "spark-common.standalone.url" -}}
spark://{{ include "spark-common.host" (dict "root" .root "component" "master") }}:7077
{{- end -}}

{{- /* The pod of a daemon that shows its state as JSON on its web interface, the port "ui". */ -}}
{{- define "spark-common.standalone.probes" -}}
startupProbe:
  tcpSocket:
    port: ui
  initialDelaySeconds: 2
  periodSeconds: 1
  failureThreshold: 180
readinessProbe:
  exec:
    command: [/opt/sparkproof/standalone_answers.py, {{ .component }}]
  periodSeconds: 5
  timeoutSeconds: 5
livenessProbe:
  httpGet:
    path: /json/
    port: ui
  periodSeconds: 30
  timeoutSeconds: 15
  failureThreshold: 3
{{- end -}}

{{- /*
Waits for the master: who registers with one that is only starting waits 20 seconds to try again, and a driver that
registers twice may keep the number that the master did not.
*/ -}}
{{- define "spark-common.standalone.await" -}}
{{- $master := include "spark-common.host" (dict "root" .root "component" "master") -}}
- name: await-master
  args: [bash, -c, 'until /opt/sparkproof/standalone_answers.py master {{ $master }}; do sleep 1; done']
{{- end -}}

{{- define "spark-common.standalone.env" -}}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: SPARK_DAEMON_MEMORY
  value: {{ (include "spark-common.values" . | fromYaml).daemonMemory | quote }}
{{- end -}}

{{- define "spark-common.standalone.configuration" -}}
spark-defaults.conf: |
  {{- include "spark-common.properties" (dict "root" .root "settings" (include (printf "spark-common.%s.settings" .component) .)) | nindent 2 }}
{{- end -}}
