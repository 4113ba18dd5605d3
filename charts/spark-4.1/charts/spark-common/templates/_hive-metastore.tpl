{{- /* Hive's metastore, from Spark 4.1's own jars, on a database of its own. */ -}}
{{- define "spark-common.hive-metastore.pod" -}}
{{- $values := .root.Values.hiveMetastore -}}
{{- $database := merge (dict "database" $values.database "user" "The Hive Metastore") . -}}
initContainers:
  # A metastore that finds no schema ends.
  - name: await-schema
    image: postgres
    command: [bash, -c, 'until psql -qtAXc "SELECT 1 FROM \"VERSION\""; do sleep 0.5; done']
    env:
      {{- include "spark-common.hive-schema.env" . | nindent 6 }}
containers:
  - name: hive-metastore
    image: hive-metastore
    # Who is killed gives no lock back. The metastore does when it has heard nothing of them for hive.txn.timeout (five
    # minutes), if it keeps house, which it does where it manages transactions and looks for what it could compact; tables
    # of Iceberg are none of that.
    args:
      - metastore
      {{- range $name, $value := dict "fs.s3a.path.style.access" .root.Values.objectStore.pathStyle "hive.compactor.initiator.on" true "hive.support.concurrency" true "hive.timedout.txn.reaper.interval" "60s" "hive.txn.manager" "org.apache.hadoop.hive.ql.lockmgr.DbTxnManager" }}
      - --hiveconf
      - {{ $name }}={{ $value }}
      {{- end }}
    env:
      - name: METASTORE_DATABASE_URL
        value: {{ include "spark-common.postgres.url" $database | quote }}
      - name: METASTORE_DATABASE_USER
        value: {{ $values.database | quote }}
      - name: METASTORE_DATABASE_PASSWORD
        {{- include "spark-common.postgres.password" $database | nindent 8 }}
      - name: METASTORE_WAREHOUSE
        value: s3a://{{ .root.Values.bucket.name }}/{{ .root.Values.iceberg.catalogs.hive.name }}
      # By this name Spark's launcher takes the heap of a program that it does not know.
      - name: SPARK_DRIVER_MEMORY
        value: {{ $values.memory | quote }}
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
    ports:
      - name: thrift
        containerPort: 9083
    startupProbe:
      tcpSocket:
        port: thrift
      periodSeconds: 1
      failureThreshold: 180
    # Whether it works is its database's matter too; whether it lives is its own.
    readinessProbe:
      exec:
        command: [/opt/sparkproof/metastore_answers.py, get_all_databases]
      periodSeconds: 15
      timeoutSeconds: 10
    livenessProbe:
      exec:
        command: [/opt/sparkproof/metastore_answers.py, getStatus]
      periodSeconds: 60
      timeoutSeconds: 30
{{- end -}}

{{- /* Makes the tables of the metastore's database; does nothing where they are. */ -}}
{{- define "spark-common.hive-schema.pod" -}}
restartPolicy: OnFailure
initContainers:
  {{- include "spark-common.postgres.await" . | nindent 2 }}
containers:
  - name: hive-schema
    image: postgres
    args: [metastore-schema]
    env:
      {{- include "spark-common.hive-schema.env" . | nindent 6 }}
{{- end -}}

{{- /* How PostgreSQL's own programs find the metastore's database. */ -}}
{{- define "spark-common.hive-schema.env" -}}
- name: PGHOST
  value: {{ include "spark-common.postgres.host" . | quote }}
- name: PGPORT
  value: {{ include "spark-common.postgres.port" . | quote }}
- name: PGDATABASE
  value: {{ .root.Values.hiveMetastore.database | quote }}
- name: PGUSER
  value: {{ .root.Values.hiveMetastore.database | quote }}
- name: PGPASSWORD
  {{- include "spark-common.postgres.password" (merge (dict "database" .root.Values.hiveMetastore.database) .) | nindent 2 }}
{{- end -}}

{{- define "spark-common.hive-metastore.ports" -}}
- name: thrift
  port: 9083
  targetPort: thrift
{{- end -}}

{{- /* What its catalog has is asked by Spark, where the catalog is on. */ -}}
{{- define "spark-common.hive-metastore.tests" -}}
{{- $catalog := .root.Values.iceberg.catalogs.hive -}}
uses:
{{- if $catalog.enabled }}
  {{- $python := printf "must('SHOW NAMESPACES IN %s', lambda namespace: namespace == 'default')" $catalog.name }}
  {{- include "spark-common.test.sql" (merge (dict "python" $python) .) | nindent 2 }}
{{- else }}
  containers:
    - name: user
      args: [bash, -c, "true < /dev/tcp/{{ include "spark-common.host" . }}/9083"]
{{- end }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}
