{{- /* The folder of the tables' files of a hadoop catalog, which driver and executors share. */ -}}
{{- define "spark-common.warehouse.mounts" -}}
{{- if include "spark-common.enabled" (dict "root" .root "component" "warehouse") -}}
- name: warehouse
  mountPath: /warehouse
{{- end -}}
{{- end -}}

{{- define "spark-common.warehouse.volumes" -}}
{{- $warehouse := dict "root" .root "component" "warehouse" -}}
{{- if include "spark-common.enabled" $warehouse -}}
- name: warehouse
  persistentVolumeClaim:
    claimName: {{ include "spark-common.claim" $warehouse | quote }}
{{- end -}}
{{- end -}}

{{- define "spark-common.warehouse.tests" -}}
{{- $namespace := printf "%s.test_%s" .root.Values.iceberg.catalogs.hadoop.name (replace "-" "_" .root.Release.Name) -}}
uses:
  {{- include "spark-common.test.sql" (merge (dict "python" (include "spark-common.warehouse.test" $namespace)) .) | nindent 2 }}
denied:
  {{- $python := printf "must('SELECT * FROM %s.nowhere', lambda words: 'TABLE_OR_VIEW_NOT_FOUND' in words)" $namespace -}}
  {{- include "spark-common.test.sql" (merge (dict "python" $python) .) | nindent 2 }}
{{- end -}}

{{- define "spark-common.warehouse.test" -}}
sql("DROP TABLE IF EXISTS {{ . }}.numbers PURGE")
must("CREATE NAMESPACE IF NOT EXISTS {{ . }}", lambda nothing: nothing is None)
must("CREATE TABLE {{ . }}.numbers USING iceberg AS SELECT id FROM range(3)", lambda nothing: nothing is None)
must("SELECT sum(id) FROM {{ . }}.numbers", lambda total: total == 3)
must("DROP TABLE {{ . }}.numbers PURGE", lambda nothing: nothing is None)
must("DROP NAMESPACE {{ . }}", lambda nothing: nothing is None)
{{- end -}}
