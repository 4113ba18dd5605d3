{{- /* Iceberg's own REST catalog server, on a database of its own; the files are the object store's. */ -}}
{{- define "spark-common.rest-catalog.pod" -}}
{{- $values := .root.Values.restCatalog -}}
{{- $database := merge (dict "database" $values.database "user" "The REST catalog") . -}}
{{- $probe := dict "httpGet" (dict "path" "/v1/config" "port" "http") -}}
initContainers:
  {{- include "spark-common.postgres.await" . | nindent 2 }}
containers:
  - name: rest-catalog
    image: rest-catalog
    env:
      # The image starts Java itself, which reads this one.
      - name: JAVA_TOOL_OPTIONS
        value: -Xmx{{ $values.memory }}
      - name: CATALOG_CATALOG__IMPL
        value: org.apache.iceberg.jdbc.JdbcCatalog
      - name: CATALOG_URI
        value: {{ include "spark-common.postgres.url" $database | quote }}
      - name: CATALOG_JDBC_USER
        value: {{ $values.database | quote }}
      - name: CATALOG_JDBC_PASSWORD
        {{- include "spark-common.postgres.password" $database | nindent 8 }}
      - name: CATALOG_JDBC_SCHEMA__VERSION
        value: V1
      {{- range $name, $value := include "spark-common.iceberg.files" (dict "root" .root "kind" "rest") | fromYaml }}
      - name: CATALOG_{{ $name | replace "-" "__" | replace "." "_" | upper }}
        value: {{ $value | quote }}
      {{- end }}
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
    ports:
      - name: http
        containerPort: 8181
    startupProbe:
      {{- merge (dict "initialDelaySeconds" 2 "periodSeconds" 1 "failureThreshold" 120) $probe | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 10 "timeoutSeconds" 5) $probe | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 30 "timeoutSeconds" 10) $probe | toYaml | nindent 6 }}
{{- end -}}

{{- define "spark-common.rest-catalog.ports" -}}
- name: http
  port: 8181
  targetPort: http
  appProtocol: http
{{- end -}}

{{- define "spark-common.rest-catalog.tests" -}}
uses:
  {{- $url := printf "http://%s:8181/v1/config" (include "spark-common.host" .) }}
  {{- include "spark-common.test.http" (dict "url" $url "statuses" (list 200) "words" "endpoints") | nindent 2 }}
denied:
  {{- include "spark-common.test.account" . | nindent 2 }}
{{- end -}}
