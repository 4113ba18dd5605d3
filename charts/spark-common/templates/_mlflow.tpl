{{- /*
MLflow's tracking server: runs on a database of its own, artifacts in a folder of the platform's bucket. Clients send
artifacts to it and need no keys of the object store.
*/ -}}
{{- define "spark-common.mlflow.pod" -}}
{{- $values := .root.Values.mlflow -}}
{{- $database := merge (dict "database" $values.database "user" "MLflow" "scheme" "postgresql+psycopg2") . -}}
# A probe calls the pod's address, and the server answers its names only; /health it would answer to anybody.
{{- $name := list (dict "name" "Host" "value" (include "spark-common.name" .)) -}}
{{- $question := dict "httpGet" (dict "path" "/api/2.0/mlflow/experiments/search?max_results=1" "port" "http" "httpHeaders" $name) -}}
{{- $lives := dict "httpGet" (dict "path" "/health" "port" "http") }}
initContainers:
  {{- include "spark-common.postgres.await" . | nindent 2 }}
  # Makes the tables, and changes those of an earlier version; does nothing where they are right.
  - name: migrate
    image: mlflow
    command: [mlflow, db, upgrade, {{ include "spark-common.postgres.url" $database | quote }}]
    env:
      {{- include "spark-common.mlflow.database" . | nindent 6 }}
containers:
  - name: mlflow
    image: mlflow
    env:
      - name: MLFLOW_BACKEND_STORE_URI
        value: {{ include "spark-common.postgres.url" $database | quote }}
      {{- include "spark-common.mlflow.database" . | nindent 6 }}
      - name: MLFLOW_ARTIFACTS_DESTINATION
        value: {{ include "spark-common.mlflow.artifacts" . | quote }}
      # Lists of the server's names replace its own, which has no Service.
      - name: MLFLOW_SERVER_ALLOWED_HOSTS
        value: {{ include "spark-common.mlflow.hosts" . | quote }}
      - name: MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE
        value: {{ ternary "path" "virtual" .root.Values.objectStore.pathStyle | quote }}
      # The SDK of this program does not read AWS_REGION.
      - name: AWS_DEFAULT_REGION
        value: {{ .root.Values.objectStore.region | quote }}
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
    ports:
      - name: http
        containerPort: 5000
    startupProbe:
      {{- merge (dict "initialDelaySeconds" 5 "periodSeconds" 1 "failureThreshold" 180) $question | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 10 "timeoutSeconds" 5) $question | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 30 "timeoutSeconds" 10) $lives | toYaml | nindent 6 }}
{{- end -}}

{{- /* Who asks the database, by libpq's variables: an address with a password would stand in lists of processes. */ -}}
{{- define "spark-common.mlflow.database" -}}
- name: PGUSER
  value: {{ .root.Values.mlflow.database | quote }}
- name: PGPASSWORD
  {{- include "spark-common.postgres.password" (merge (dict "database" .root.Values.mlflow.database) .) | nindent 2 }}
{{- end -}}

{{- /* The folder of artifacts in the platform's bucket. */ -}}
{{- define "spark-common.mlflow.artifacts" -}}
{{- $_ := include "spark-common.objectStore.endpoint" . | required "MLflow keeps artifacts in an object store: set objectStore.enabled, or name a store in objectStore.endpoint." -}}
s3://{{ .root.Values.bucket.name }}/{{ .root.Values.mlflow.prefix }}
{{- end -}}

{{- /* The names by which the server may be called, each with and without a port. */ -}}
{{- define "spark-common.mlflow.hosts" -}}
{{- $name := include "spark-common.name" . -}}
{{- $own := list $name (printf "%s.%s" $name .root.Release.Namespace) (include "spark-common.host" .) "localhost" "127.0.0.1" -}}
{{- $hosts := list -}}
{{- range concat $own (default list .root.Values.mlflow.allowedHosts) }}{{ $hosts = concat $hosts (list . (printf "%s:*" .)) }}{{ end -}}
{{- join "," $hosts -}}
{{- end -}}

{{- /* Where clients find the server; nothing where there is none, or where RAPIDS' image submits, which has no MLflow. */ -}}
{{- define "spark-common.mlflow.tracking" -}}
{{- $server := dict "root" .root "component" "mlflow" -}}
{{- if and (include "spark-common.enabled" $server) (not (and .root.Values.gpu.enabled (eq .component "submit"))) -}}
- name: MLFLOW_TRACKING_URI
  value: http://{{ include "spark-common.name" $server }}:5000
{{- end -}}
{{- end -}}

{{- define "spark-common.mlflow.ports" -}}
- name: http
  port: 5000
  targetPort: http
  appProtocol: http
{{- end -}}

{{- /* It answers its Service's name with experiments, and refuses one that is made up. */ -}}
{{- define "spark-common.mlflow.tests" -}}
{{- $url := printf "http://%s:5000/api/2.0/mlflow/experiments/search?max_results=1" (include "spark-common.host" .) -}}
uses:
  {{- include "spark-common.test.http" (dict "url" $url "statuses" (list 200) "words" "experiment_id") | nindent 2 }}
denied:
  {{- include "spark-common.test.http" (dict "url" $url "host" "made-up.example" "statuses" (list 403) "words" "Invalid Host header") | nindent 2 }}
{{- end -}}
