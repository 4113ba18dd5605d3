{{- /* The master of a standalone cluster, which gives applications their share of the workers. */ -}}
{{- define "spark-common.master.pod" -}}
containers:
  - name: master
    args: [master, --host, $(POD_IP), --port, "7077", --webui-port, "8080"]
    env:
      {{- include "spark-common.standalone.env" . | nindent 6 }}
    ports:
      - name: cluster
        containerPort: 7077
      - name: ui
        containerPort: 8080
    {{- include "spark-common.standalone.probes" . | nindent 4 }}
    volumeMounts:
      - name: configuration
        mountPath: /opt/spark/conf
        readOnly: true
      - name: state
        mountPath: /state
volumes:
  - name: configuration
    configMap:
      name: {{ include "spark-common.name" . }}
  - name: state
    {{- $persistence := .root.Values.master.persistence }}
    {{- if $persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ default (include "spark-common.name" .) $persistence.existingClaim | quote }}
    {{- else }}
    emptyDir: {}
    {{- end }}
{{- end -}}

{{- define "spark-common.master.ports" -}}
- name: cluster
  port: 7077
  targetPort: cluster
- name: ui
  port: 8080
  targetPort: ui
{{- end -}}

{{- /* Not the interface: a Prometheus asks each Service that has it, and so would ask the one master twice. */ -}}
{{- define "spark-common.master.headlessPorts" -}}
- name: cluster
  port: 7077
{{- end -}}

{{- define "spark-common.master.configuration" -}}
{{ include "spark-common.standalone.configuration" . }}
{{- end -}}

{{- define "spark-common.master.settings" -}}
# Whoever reaches this port could run programs on the workers without being asked who they are.
spark.master.rest.enabled: "false"
spark.decommission.enabled: "true"
# A master that starts again knows its workers and applications.
spark.deploy.recoveryMode: FILESYSTEM
spark.deploy.recoveryDirectory: /state
{{ include "spark-common.settings.monitoring" . }}
{{- if .root.Values.monitoring.enabled }}
# A master tells of itself and of its applications, each in a place of its own.
spark.metrics.conf.master.sink.prometheusServlet.path: /metrics/master/prometheus
spark.metrics.conf.applications.sink.prometheusServlet.path: /metrics/applications/prometheus
{{- end }}
{{- end -}}

{{- define "spark-common.master.metrics" -}}
- port: ui
  path: /metrics/master/prometheus/
- port: ui
  path: /metrics/applications/prometheus/
{{- end -}}

{{- /* The master has workers; and it takes no applications from whoever reaches it, since the port for that is closed. */ -}}
{{- define "spark-common.master.tests" -}}
{{- $host := include "spark-common.host" . -}}
{{- $pod := printf "%s-0.%s-headless.%s.svc" (include "spark-common.name" .) (include "spark-common.name" .) .root.Release.Namespace -}}
uses:
  containers:
    - name: operator
      args:
        - python3
        - -c
        - |
          import json, sys
          from urllib.request import urlopen

          state = json.load(urlopen("http://{{ $host }}:8080/json/", timeout=20))
          print(state["status"], state["aliveworkers"], "workers")
          sys.exit(state["status"] != "ALIVE" or not state["aliveworkers"])
denied:
  containers:
    - name: stranger
      args:
        - python3
        - -c
        - |
          import socket, sys

          # The pod itself, since its Service does not offer the port; another port shows that the pod is there.
          socket.create_connection(("{{ $pod }}", 7077), timeout=10).close()
          try:
              socket.create_connection(("{{ $pod }}", 6066), timeout=10).close()
          except OSError as refused:
              sys.exit(print(refused))
          sys.exit("The port for submission by REST is open.")
{{- end -}}
