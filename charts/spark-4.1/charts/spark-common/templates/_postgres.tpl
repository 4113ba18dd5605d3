{{- /* The database server of the services; each has a database of its own and owns nothing else. */ -}}
{{- define "spark-common.postgres.pod" -}}
{{- $_ := include "spark-common.postgres.host" . -}}
{{- $listens := dict "exec" (dict "command" (list "pg_isready" "--quiet" "--host" "127.0.0.1")) -}}
{{- $answers := dict "exec" (dict "command" (list "psql" "-qtAXc" "SELECT 1")) -}}
containers:
  - name: postgres
    image: postgres
    args: ["-c", "max_connections={{ .root.Values.postgres.maxConnections }}"]
    ports:
      - name: postgres
        containerPort: 5432
    # It takes no connections from elsewhere until every database is there and has its password.
    startupProbe:
      {{- merge (dict "periodSeconds" 1 "failureThreshold" 120) $listens | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 15 "timeoutSeconds" 10) $listens | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 60 "timeoutSeconds" 30) $answers | toYaml | nindent 6 }}
    volumeMounts:
      - name: data
        mountPath: /var/lib/postgresql
      - name: run
        mountPath: /run/postgresql
      - name: databases
        mountPath: /etc/sparkproof/databases
        readOnly: true
volumes:
  - name: data
    persistentVolumeClaim:
      claimName: {{ include "spark-common.claim" . | quote }}
  - name: run
    emptyDir: {}
  - name: databases
    secret:
      secretName: {{ include "spark-common.postgres.secret" . | quote }}
      defaultMode: 0440
# A checkpoint is written before the server goes.
terminationGracePeriodSeconds: 60
{{- end -}}

{{- define "spark-common.postgres.ports" -}}
- name: postgres
  port: 5432
  targetPort: postgres
{{- end -}}

{{- define "spark-common.postgres.headlessPorts" -}}
{{- include "spark-common.postgres.ports" . -}}
{{- end -}}

{{- /* Host of the server that services use, the release's own or another. */ -}}
{{- define "spark-common.postgres.host" -}}
{{- $postgres := .root.Values.postgres -}}
{{- if and $postgres.enabled $postgres.host -}}
{{- fail (printf "postgres.enabled runs a server, and postgres.host names another (%s): leave one of them out." $postgres.host) -}}
{{- end -}}
{{- if $postgres.enabled -}}
{{ include "spark-common.host" (dict "root" .root "component" "postgres") }}
{{- else -}}
{{- default "" $postgres.host -}}
{{- end -}}
{{- end -}}

{{- define "spark-common.postgres.port" -}}
{{- ternary 5432 .root.Values.postgres.port .root.Values.postgres.enabled -}}
{{- end -}}

{{- /* The Secret that has, under each database's name, the password of the user of that name. */ -}}
{{- define "spark-common.postgres.secret" -}}
{{- .root.Values.postgres.existingSecret | required "The databases have no passwords: name in postgres.existingSecret a Secret that has one under the name of each database." -}}
{{- end -}}

{{- /* The address of `database`, which `user` ("the REST catalog") needs: JDBC's, or one of another `scheme`. */ -}}
{{- define "spark-common.postgres.url" -}}
{{- $host := include "spark-common.postgres.host" . | required (printf "%s keeps its state in PostgreSQL: set postgres.enabled, or name a server in postgres.host." .user) -}}
{{ default "jdbc:postgresql" .scheme }}://{{ $host }}:{{ include "spark-common.postgres.port" . }}/{{ .database }}
{{- end -}}

{{- /* The password of `database`'s user, as the value of a variable. */ -}}
{{- define "spark-common.postgres.password" -}}
valueFrom:
  secretKeyRef:
    name: {{ include "spark-common.postgres.secret" . | quote }}
    key: {{ .database | quote }}
{{- end -}}

{{- /* Lets a program start when the server answers, since programs that do not find it end. */ -}}
{{- define "spark-common.postgres.await" -}}
- name: await-postgres
  image: postgres
  command:
    - bash
    - -c
    - until pg_isready --host {{ include "spark-common.postgres.host" . }} --port {{ include "spark-common.postgres.port" . }}; do sleep 0.5; done
{{- end -}}

{{- /* A service's user is let in with its password and not with another. */ -}}
{{- define "spark-common.postgres.tests" -}}
{{- $values := .root.Values -}}
{{- $jdbc := ternary $values.iceberg.catalogs.jdbc.database "" $values.iceberg.catalogs.jdbc.enabled -}}
{{- $rest := ternary $values.restCatalog.database "" $values.restCatalog.enabled -}}
{{- $hive := ternary $values.hiveMetastore.database "" $values.hiveMetastore.enabled -}}
{{- $mlflow := ternary $values.mlflow.database "" $values.mlflow.enabled -}}
{{- $database := coalesce $jdbc $rest $hive $mlflow $values.airflow.database -}}
{{- $user := list (dict "name" "PGHOST" "value" (include "spark-common.postgres.host" .)) (dict "name" "PGUSER" "value" $database) -}}
uses:
  containers:
    - name: user
      image: postgres
      command: [psql, --no-psqlrc, --tuples-only, --command, "SELECT 'this is ' || current_database()"]
      env:
        {{- toYaml $user | nindent 8 }}
        - name: PGPASSWORD
          {{- include "spark-common.postgres.password" (merge (dict "database" $database) .) | nindent 10 }}
denied:
  containers:
    - name: stranger
      image: postgres
      command: [bash, -c, "psql --no-psqlrc --command 'SELECT 1' 2>&1 | tee /dev/stderr | grep --quiet 'password authentication failed'"]
      env:
        {{- toYaml $user | nindent 8 }}
        - name: PGPASSWORD
          value: another
{{- end -}}
