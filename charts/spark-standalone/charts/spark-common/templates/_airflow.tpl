{{- /*
Airflow in one pod: its API server, its scheduler, in whose container tasks run, and the processor of DAGs, with a database
of its own. Tasks find Spark's Connect server by a variable; they ask it as the user "airflow". What they may start beside
it, they start with the account of this pod.
*/ -}}
{{- define "spark-common.airflow.pod" -}}
{{- $values := .root.Values.airflow -}}
{{- $answers := list "/opt/sparkproof/airflow_answers.py" -}}
{{- $submitting := include "spark-common.airflow.submitting" . | fromYaml -}}
automountServiceAccountToken: {{ $values.startsPods }}
initContainers:
  {{- include "spark-common.postgres.await" . | nindent 2 }}
  # Makes the tables, and changes those of an earlier version; does nothing where they are right.
  - name: airflow-schema
    image: airflow
    args: [db, migrate]
    env:
      {{- include "spark-common.airflow.environment" . | nindent 6 }}
    volumeMounts:
      {{- include "spark-common.airflow.mounts" . | nindent 6 }}
containers:
  - name: airflow
    image: airflow
    args: [api-server]
    env:
      {{- include "spark-common.airflow.environment" . | nindent 6 }}
      {{- include "spark-common.airflow.users" . | nindent 6 }}
    ports:
      - name: http
        containerPort: 8080
    # It answers with status 200 whatever it has to say, so the answer itself is read.
    {{- $asks := dict "exec" (dict "command" (append $answers "metadatabase")) }}
    startupProbe:
      {{- merge (dict "initialDelaySeconds" 5 "periodSeconds" 2 "failureThreshold" 120 "timeoutSeconds" 2) $asks | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 15 "timeoutSeconds" 10) $asks | toYaml | nindent 6 }}
    livenessProbe:
      httpGet:
        path: /api/v2/monitor/health
        port: http
      periodSeconds: 60
      timeoutSeconds: 30
    # When the pod ends, its tasks are asked to end too, and tell this server how they ended.
    lifecycle:
      preStop:
        sleep:
          seconds: 10
    volumeMounts:
      {{- include "spark-common.airflow.mounts" . | nindent 6 }}
  {{- range $program, $name := dict "scheduler" "scheduler" "dag-processor" "dag_processor" }}
  - name: {{ $program }}
    image: airflow
    args: [{{ $program }}]
    {{- if eq $program "scheduler" }}
    resources:
      {{- toYaml $values.scheduler.resources | nindent 6 }}
    {{- end }}
    env:
      {{- include "spark-common.airflow.environment" $ | nindent 6 }}
      {{- if eq $program "scheduler" }}
      {{- include "spark-common.airflow.spark" $ | nindent 6 }}
      {{- with $submitting.environment }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- end }}
    {{- $asks := dict "exec" (dict "command" (append $answers $name)) }}
    {{- $lives := dict "exec" (dict "command" (concat $answers (list $name "--or-silent"))) }}
    startupProbe:
      {{- merge (dict "initialDelaySeconds" 10 "periodSeconds" 2 "failureThreshold" 120 "timeoutSeconds" 2) $asks | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 15 "timeoutSeconds" 10) $asks | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 60 "timeoutSeconds" 30) $lives | toYaml | nindent 6 }}
    volumeMounts:
      {{- include "spark-common.airflow.mounts" $ | nindent 6 }}
      {{- with and (eq $program "scheduler") $submitting.mounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- end }}
  {{- if .root.Values.monitoring.enabled }}
  # Airflow sends its metrics as packets, and each of its processes counts for itself: here they are added up and kept.
  - name: metrics
    image: airflow
    command: [/opt/sparkproof/statsd_exporter, "--web.listen-address=:9102", --web.telemetry-path=/metrics/, "--statsd.listen-udp=127.0.0.1:8125", --statsd.listen-tcp=]
    resources:
      {{- toYaml $values.metrics.resources | nindent 6 }}
    ports:
      - name: metrics
        containerPort: 9102
    {{- $ready := dict "httpGet" (dict "path" "/-/ready" "port" "metrics") }}
    {{- $lives := dict "httpGet" (dict "path" "/-/healthy" "port" "metrics") }}
    startupProbe:
      {{- merge (dict "periodSeconds" 2 "failureThreshold" 60 "timeoutSeconds" 2) $ready | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 15 "timeoutSeconds" 10) $ready | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 60 "timeoutSeconds" 30) $lives | toYaml | nindent 6 }}
  {{- end }}
volumes:
  # What tasks print, which the API server shows.
  - name: airflow
    emptyDir: {}
  - name: dags
    projected:
      sources:
        - configMap:
            name: {{ include "spark-common.name" . }}
        {{- with $values.dags }}
        - configMap:
            name: {{ . | quote }}
        {{- end }}
  {{- with $submitting.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* "true" where tasks may submit applications; they do it as the submitting pod does. */ -}}
{{- define "spark-common.airflow.submits" -}}
{{- if and .root.Values.airflow.startsPods .root.Values.submit.enabled }}true{{ end -}}
{{- end -}}

{{- /* What the tasks' container needs to submit applications, as YAML; nothing where they may not. */ -}}
{{- define "spark-common.airflow.submitting" -}}
{{- $as := dict "root" .root "component" "submit" -}}
{{- if .root.Values.airflow.startsPods }}
environment:
  # Known to DAGs as the variable "spark_image", for the pods of operators.
  - name: AIRFLOW_VAR_SPARK_IMAGE
    value: {{ include "spark-common.image" (dict "root" .root) | quote }}
  {{- if include "spark-common.airflow.submits" . }}
  {{- include "spark-common.submit.environment" $as | nindent 2 }}
mounts:
  {{- include "spark-common.submit.mounts" $as | nindent 2 }}
volumes:
  {{- include "spark-common.submit.volumes" $as | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* What operators do to the pods of their tasks, and what spark-submit does. */ -}}
{{- define "spark-common.airflow.rules" -}}
{{- if .root.Values.airflow.startsPods -}}
{{ include "spark-common.driver.rules" . }}
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [list]
{{- if and (include "spark-common.airflow.submits" .) (eq "kubernetes" (include "spark-common.manager" .)) }}
{{ include "spark-common.submit.objects" . }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "spark-common.airflow.metrics" -}}
- port: metrics
  path: /metrics/
{{- end -}}

{{- /* A volume of a ConfigMap has links that lead back into it, and a processor that followed them would end. */ -}}
{{- define "spark-common.airflow.configuration" -}}
.airflowignore: |
  ..*
{{- end -}}

{{- define "spark-common.airflow.mounts" -}}
- name: airflow
  mountPath: /var/lib/airflow
- name: dags
  mountPath: /dags
  readOnly: true
{{- end -}}

{{- /* The state that all programs share, and the text from which their keys are made. */ -}}
{{- define "spark-common.airflow.environment" -}}
{{- $values := .root.Values.airflow -}}
{{- $database := merge (dict "database" $values.database "user" "Airflow" "scheme" "postgresql+psycopg2") . -}}
- name: AIRFLOW_SECRET
  {{- include "spark-common.airflow.secret" (merge (dict "key" $values.authentication.key) .) | nindent 2 }}
- name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
  value: {{ include "spark-common.postgres.url" $database | quote }}
- name: PGUSER
  value: {{ $values.database | quote }}
- name: PGPASSWORD
  {{- include "spark-common.postgres.password" $database | nindent 2 }}
- name: AIRFLOW__METRICS__STATSD_ON
  value: {{ .root.Values.monitoring.enabled | quote }}
- name: AIRFLOW__CORE__PARALLELISM
  value: {{ $values.parallelism | quote }}
{{- $users := list -}}
{{- range $values.users }}{{ $users = append $users (printf "%s:%s" .name .role) }}{{ end }}
- name: AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS
  value: {{ join "," $users | quote }}
{{- end -}}

{{- define "spark-common.airflow.users" -}}
{{- range .root.Values.airflow.users }}
- name: PASSWORD_OF_{{ .name }}
  {{- include "spark-common.airflow.secret" (merge (dict "key" .name) $) | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "spark-common.airflow.secret" -}}
{{- $secret := .root.Values.airflow.authentication.existingSecret -}}
valueFrom:
  secretKeyRef:
    name: {{ $secret | required "Whoever reaches Airflow could run programs: name in airflow.authentication.existingSecret a Secret that has a password under each user's name, and under airflow.authentication.key a text from which Airflow's keys are made." | quote }}
    key: {{ .key | quote }}
{{- end -}}

{{- /* How tasks find Spark. It is not SPARK_REMOTE, with which spark-submit would refuse to work. */ -}}
{{- define "spark-common.airflow.spark" -}}
{{- include "spark-common.connect.url" (merge (dict "variable" "SPARK_CONNECT_URL" "parts" (list "user_id=airflow")) .) -}}
{{- end -}}

{{- define "spark-common.airflow.ports" -}}
- name: http
  port: 8080
  targetPort: http
  appProtocol: http
{{- end -}}

{{- /* A user with a password gets a token and sees the list of DAGs; who brings none sees nothing. */ -}}
{{- define "spark-common.airflow.tests" -}}
{{- $server := printf "http://%s:8080" (include "spark-common.host" .) -}}
{{- $user := (first .root.Values.airflow.users).name -}}
uses:
  containers:
    - name: user
      env:
        - name: AIRFLOW_PASSWORD
          {{- include "spark-common.airflow.secret" (merge (dict "key" $user) .) | nindent 10 }}
      args:
        - python3
        - -c
        - |
          import json, os, sys
          from urllib.request import Request, urlopen

          def ask(path, body=None, **headers):
              headers["Content-Type"] = "application/json"
              asked = Request("{{ $server }}/" + path, body and json.dumps(body).encode(), headers)
              return json.load(urlopen(asked, timeout=20))

          proof = ask("auth/token", {"username": "{{ $user }}", "password": os.environ["AIRFLOW_PASSWORD"]})
          found = ask("api/v2/dags", Authorization=f"Bearer {proof['access_token']}")
          print([each["dag_id"] for each in found["dags"]])
          health = ask("api/v2/monitor/health")
          print(health)
          ill = [each for each in ("metadatabase", "scheduler", "dag_processor") if health[each]["status"] != "healthy"]
          sys.exit(f"Unhealthy: {', '.join(ill)}." if ill else None)
denied:
  {{- include "spark-common.test.http" (dict "url" (printf "%s/api/v2/dags" $server) "statuses" (list 401) "words" "") | nindent 2 }}
{{- end -}}
