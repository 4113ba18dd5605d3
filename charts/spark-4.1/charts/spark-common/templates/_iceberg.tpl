{{- /* What each kind of Iceberg catalog is told, as YAML from property to text. */ -}}
{{- define "spark-common.iceberg.hadoop" -}}
{{- $elsewhere := get (default dict .root.Values.sparkConf) (printf "spark.sql.catalog.%s.warehouse" .catalog.name) -}}
{{- if not (or .root.Values.warehouse.enabled $elsewhere) -}}
{{- fail "Iceberg's hadoop catalog keeps its tables in the warehouse's volume: set warehouse.enabled, or iceberg.catalogs.hadoop.enabled to false." -}}
{{- end -}}
warehouse: file:///warehouse
{{- end -}}

{{- define "spark-common.iceberg.hive" -}}
{{- $own := include "spark-common.enabled" (dict "root" .root "component" "hive-metastore") -}}
{{- $version := .catalog.metastoreVersion -}}
{{- if $version }}{{ if semverCompare ">=4.0.1-0" $version -}}
{{- fail (printf "Iceberg's hive catalog cannot use a Hive Metastore of 4.0.1 or later (%s), which no longer has the call get_table: use one of 3.1.3, or the release's own (hiveMetastore.enabled)." $version) -}}
{{- end }}{{ end -}}
{{- $host := include "spark-common.host" (dict "root" .root "component" "hive-metastore") -}}
uri: {{ default (ternary (printf "thrift://%s:9083" $host) "" (not (not $own))) .catalog.uri | required "Iceberg's hive catalog has no metastore: set hiveMetastore.enabled, or name one in iceberg.catalogs.hive.uri." | quote }}
{{ include "spark-common.iceberg.files" (dict "root" .root "kind" "hive") }}
{{- end -}}

{{- define "spark-common.iceberg.rest" -}}
{{- $own := include "spark-common.enabled" (dict "root" .root "component" "rest-catalog") -}}
{{- $host := include "spark-common.host" (dict "root" .root "component" "rest-catalog") -}}
uri: {{ default (ternary (printf "http://%s:8181" $host) "" (not (not $own))) .catalog.uri | required "Iceberg's rest catalog has no server: set restCatalog.enabled, or name one in iceberg.catalogs.rest.uri." | quote }}
# A server elsewhere may hand out the store itself.
{{- if or (not .catalog.uri) (include "spark-common.objectStore.endpoint" .) }}
{{ include "spark-common.iceberg.files" (dict "root" .root "kind" "rest") }}
{{- end }}
{{- end -}}

{{- /* The password is not among the settings, which every user of a session can read: see spark-common.session.env. */ -}}
{{- define "spark-common.iceberg.jdbc" -}}
uri: {{ include "spark-common.postgres.url" (dict "root" .root "database" .catalog.database "user" "Iceberg's jdbc catalog") | quote }}
jdbc.user: {{ .catalog.database | quote }}
# The schema that has views too: without it, a table that is not there is no answer but an error.
jdbc.schema-version: V1
# By these PostgreSQL says that it goes: a connection from before its restart is then replaced and not an error.
retryable_status_codes: 57P01,57P02,57P03
{{ include "spark-common.iceberg.files" (dict "root" .root "kind" "jdbc") }}
{{- end -}}

{{- /* Where the tables of the catalog of `kind` lie: in a folder of the bucket that has the catalog's name. */ -}}
{{- define "spark-common.iceberg.files" -}}
{{- $endpoint := include "spark-common.objectStore.endpoint" . | required (printf "Iceberg's %s catalog keeps its tables in an object store: set objectStore.enabled, or name one in objectStore.endpoint." .kind) -}}
warehouse: s3://{{ .root.Values.bucket.name }}/{{ (get .root.Values.iceberg.catalogs .kind).name }}
io-impl: org.apache.iceberg.aws.s3.S3FileIO
s3.endpoint: {{ $endpoint | quote }}
s3.path-style-access: {{ .root.Values.objectStore.pathStyle | quote }}
client.region: {{ .root.Values.objectStore.region | quote }}
{{- end -}}

{{- /*
The environment of a driver: the keys of the object store, and the password with which it opens the jdbc catalog, which
the image's entrypoint hands to PostgreSQL's JDBC driver.
*/ -}}
{{- define "spark-common.session.env" -}}
{{- $jdbc := .root.Values.iceberg.catalogs.jdbc }}
{{ include "spark-common.objectStore.env" . }}
{{- if $jdbc.enabled }}
- name: POSTGRES_PASSWORD
  {{- include "spark-common.postgres.password" (dict "root" .root "database" $jdbc.database) | nindent 2 }}
{{- end }}
{{- end -}}
